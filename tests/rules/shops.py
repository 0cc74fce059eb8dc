"""Random shops with tangled groups and rules, and an independent reading of the rules' one sentence."""

from collections.abc import Mapping
from dataclasses import dataclass

from hypothesis import strategies as st

from tests.stock import RuleKey, Stock, group, product

GROUP_IDS = ("a", "b", "c", "d", "e")
# Ids that rules and parents may name although the cloud does not list them.
UNLISTED = ("ghost", "gone")
STORE_IDS = ("s1", "s2")
MODES = st.sampled_from(("include", "exclude"))


@dataclass(frozen=True)
class Shop:
    """One store: groups to their parents, products to their groups, and the rules within."""

    parents: Mapping[str, str | None]
    products: Mapping[str, str | None]
    own_rule: str | None
    group_rules: Mapping[str, str]
    product_rules: Mapping[str, str]


_anywhere = st.sampled_from((None, *GROUP_IDS, *UNLISTED))

shops = st.builds(
    Shop,
    parents=st.dictionaries(st.sampled_from(GROUP_IDS), _anywhere),
    products=st.dictionaries(st.sampled_from([f"p{number}" for number in range(8)]), _anywhere),
    own_rule=st.none() | MODES,
    group_rules=st.dictionaries(st.sampled_from(GROUP_IDS + UNLISTED), MODES, max_size=4),
    product_rules=st.dictionaries(st.sampled_from([f"p{number}" for number in range(8)]), MODES, max_size=3),
)
# The same ids mean different things in different stores.
two_shops = st.fixed_dictionaries(dict.fromkeys(STORE_IDS, shops))


def mode_of_group(shop: Shop, group_id: str | None, default: str) -> str:
    """Read the sentence literally: list every rule on the way up, then take the first."""
    way_up = []
    for _ in range(len(shop.parents) + 2):
        way_up.append(group_id)
        group_id = shop.parents.get(group_id) if group_id else None
    modes = [shop.group_rules.get(step) for step in way_up if step]
    return next(mode for mode in [*modes, shop.own_rule, default] if mode)


def mode_of_product(shop: Shop, product_id: str, default: str) -> str:
    """The product's own rule, else what its group hands down."""
    return shop.product_rules.get(product_id) or mode_of_group(shop, shop.products[product_id], default)


def fill(stock: Stock, given_shops: dict[str, Shop], default: str | None) -> str:
    """Bring the owner's catalogue and rules to this state; give the default that holds."""
    stock.forget_rules()
    if default:
        stock.default(default)
    rules: dict[RuleKey, str] = {}
    for store_id, shop in given_shops.items():
        groups = [group(id, parent=parent) for id, parent in shop.parents.items()]
        products = [product(id, group=group_id) for id, group_id in shop.products.items()]
        stock.put(store_id, store_id, groups=groups, products=products)
        rules |= {("group", store_id, id): mode for id, mode in shop.group_rules.items()}
        rules |= {("product", store_id, id): mode for id, mode in shop.product_rules.items()}
        rules |= {("store", store_id, store_id): shop.own_rule} if shop.own_rule else {}
    stock.rules_at_once(rules)
    return default or "include"
