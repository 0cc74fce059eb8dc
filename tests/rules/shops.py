"""Random shops with tangled groups and rules, and an independent reading of the rules' one sentence."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import NamedTuple

from hypothesis import strategies as st

from app.clients.evotor.client import Product
from app.mirror.folding import fold
from app.rules.criteria.criterion import KINDS, TYPES, Criterion
from app.rules.policy import EMPTY, Policy
from app.rules.waiting import BY_RULES, WAIT
from tests.stock import RuleKey, Stock, group, product

GROUP_IDS = ("a", "b", "c", "d", "e")
# Ids that rules and parents may name although the cloud does not list them.
UNLISTED = ("ghost", "gone")
STORE_IDS = ("s1", "s2")
MODES = st.sampled_from(("include", "exclude"))


class Facts(NamedTuple):
    """What conditions look at in a good; None stands for what the till does not tell."""

    quantity: Decimal | None
    price: Decimal | None
    type: str | None
    name: str
    has_photo: bool


@dataclass(frozen=True)
class Shop:
    """One store: groups to their parents, products to their groups, and the rules within."""

    parents: Mapping[str, str | None]
    products: Mapping[str, str | None]
    own_rule: str | None
    group_rules: Mapping[str, str]
    product_rules: Mapping[str, str]
    # What conditions look at in each product; of one without it nothing is known but its name.
    facts: Mapping[str, Facts] = field(default_factory=dict)
    # Products that are new, and whether they were left as they are; what groups and the owner want of those.
    new: Mapping[str, bool] = field(default_factory=dict)
    wishes: Mapping[str, str] = field(default_factory=dict)
    owner_waits: bool = False

    def facts_of(self, product_id: str) -> Facts:
        return self.facts.get(product_id) or Facts(None, None, None, f"товар {product_id}", has_photo=False)


_anywhere = st.sampled_from((None, *GROUP_IDS, *UNLISTED))

_facts = st.builds(
    Facts,
    quantity=st.none() | st.sampled_from([Decimal(number) for number in ("-1", "0", "0.5", "3", "4")]),
    price=st.none() | st.sampled_from([Decimal(number) for number in ("0", "3", "99.9", "100")]),
    type=st.sampled_from([None, "NORMAL", "SERVICE", "BEER_MARKED_KEG", "SHOES_MARKED", "ODD"]),
    name=st.sampled_from(
        ["чай", "Чай, зелёный!", "Чайник", "набор «чай»", "нечай чай-латте", "100%_ кофе", "O'Neill", "1000"]
    ),
    has_photo=st.booleans(),
)

shops = st.builds(
    Shop,
    parents=st.dictionaries(st.sampled_from(GROUP_IDS), _anywhere),
    products=st.dictionaries(st.sampled_from([f"p{number}" for number in range(8)]), _anywhere),
    own_rule=st.none() | MODES,
    group_rules=st.dictionaries(st.sampled_from(GROUP_IDS + UNLISTED), MODES, max_size=4),
    product_rules=st.dictionaries(st.sampled_from([f"p{number}" for number in range(8)]), MODES, max_size=3),
    facts=st.dictionaries(st.sampled_from([f"p{number}" for number in range(8)]), _facts, min_size=4),
    new=st.dictionaries(st.sampled_from([f"p{number}" for number in range(8)]), st.booleans(), max_size=6),
    wishes=st.dictionaries(
        st.sampled_from(GROUP_IDS + UNLISTED), st.sampled_from([WAIT, BY_RULES]), max_size=3
    ),
    owner_waits=st.booleans(),
)
# The conditions of an owner, each kind with values that lie on, below and above those of the goods.
policies = st.lists(
    st.builds(
        lambda number, mode, kind, low, high, is_below, texts, is_part: Criterion(
            f"k{number}",
            mode,
            kind,
            low if kind in ("stock", "price") and (low or high is None) else None,
            high if kind in ("stock", "price") else None,
            is_below,
            texts.get(kind, ""),
            is_part,
        ),
        number=st.integers(0, 10**6),
        mode=MODES,
        kind=st.sampled_from(KINDS),
        low=st.sampled_from([Decimal(0), Decimal("0.5"), Decimal(3)]),
        high=st.none() | st.sampled_from([Decimal(0), Decimal(3), Decimal("99.9")]),
        is_below=st.booleans(),
        texts=st.fixed_dictionaries(
            {
                "type": st.sampled_from(TYPES),
                "word": st.sampled_from(["чай", "чай зеленый", "100%_", "o'neill"]),
            }
        ),
        is_part=st.booleans(),
    ),
    max_size=4,
    unique_by=(lambda criterion: criterion.key, lambda criterion: criterion.says),
).map(lambda criteria: Policy(tuple(criteria)))
# The same ids mean different things in different stores.
two_shops = st.tuples(st.fixed_dictionaries(dict.fromkeys(STORE_IDS, shops)), st.booleans()).map(
    lambda drawn: {id: replace(shop, owner_waits=drawn[1]) for id, shop in drawn[0].items()}
)


def mode_of_group(shop: Shop, group_id: str | None, default: str) -> str:
    """Read the sentence literally: list every rule on the way up, then take the first."""
    way_up = []
    for _ in range(len(shop.parents) + 2):
        way_up.append(group_id)
        group_id = shop.parents.get(group_id) if group_id else None
    modes = [shop.group_rules.get(step) for step in way_up if step]
    return next(mode for mode in [*modes, shop.own_rule, default] if mode)


def waits(shop: Shop, product_id: str) -> bool:
    """A new product that was not left as it is waits where the nearest wish on the way up says so."""
    if shop.new.get(product_id, True):
        return False
    group_id = shop.products[product_id]
    for _ in range(len(shop.parents) + 2):
        if group_id and group_id in shop.wishes:
            return shop.wishes[group_id] == WAIT
        group_id = shop.parents.get(group_id) if group_id else None
    return shop.owner_waits


def mode_of_product(shop: Shop, product_id: str, default: str, policy: Policy = EMPTY) -> str:
    """The product's own rule; else it may wait; else what its group hands down, or the first condition."""
    if waits(shop, product_id) and not shop.product_rules.get(product_id):
        return "exclude"
    met = first_met(policy.criteria, shop.facts_of(product_id))
    own = shop.product_rules.get(product_id)
    return own or mode_of_group(shop, shop.products[product_id], met.mode if met else default)


def first_met(criteria: Iterable[Criterion], facts: Facts) -> Criterion | None:
    """The first condition that a good meets, None when it meets none."""
    return next((criterion for criterion in criteria if meets(facts, criterion)), None)


def meets(facts: Facts, criterion: Criterion) -> bool:
    """Read a condition literally."""
    if criterion.kind in ("stock", "price"):
        value = facts.quantity if criterion.kind == "stock" else facts.price
        low = Decimal("-inf") if criterion.low is None else criterion.low
        high = Decimal("inf") if criterion.high is None else criterion.high
        if value is None or (criterion.high is not None and criterion.is_below and value == high):
            return False
        return low <= value <= high
    if criterion.kind == "type":
        wanted = {
            "NORMAL": "normal",
            "SERVICE": "service",
            "BEER_MARKED_KEG": "alcohol",
            "SHOES_MARKED": "shoes",
        }
        return wanted.get(facts.type or "NORMAL", "other") == criterion.text
    if criterion.kind == "word":
        name, sign = fold(facts.name), r"[^\s\W_]"
        for word in re.findall(rf"{sign}+", criterion.text):
            border = "" if criterion.is_part else sign
            pattern = re.escape(word) if criterion.is_part else rf"(?<!{border}){word}(?!{border})"
            if not re.search(pattern, name):
                return False
        return True
    return facts.price is None if criterion.kind == "no_price" else not facts.has_photo


def fill(stock: Stock, given_shops: dict[str, Shop], default: str | None, policy: Policy = EMPTY) -> str:
    """Bring the owner's catalogue and rules to this state; give the default that holds."""
    stock.forget_rules()
    stock.forget_what_stays()
    if default:
        stock.default(default)
    if policy != EMPTY:
        stock.policy(policy)
    rules: dict[RuleKey, str] = {}
    shown = []
    for store_id, shop in given_shops.items():
        groups = [group(id, parent=parent) for id, parent in shop.parents.items()]
        products = list(_products(shop))
        stock.put(store_id, store_id, groups=groups, products=products)
        shown += [(store_id, id) for id in shop.products if shop.facts_of(id).has_photo]
        rules |= {("group", store_id, id): mode for id, mode in shop.group_rules.items()}
        rules |= {("product", store_id, id): mode for id, mode in shop.product_rules.items()}
        rules |= {("store", store_id, store_id): shop.own_rule} if shop.own_rule else {}
    if policy != EMPTY:
        stock.photos(shown)
    stock.news(
        {
            (s, id): left
            for s, shop in given_shops.items()
            for id, left in shop.new.items()
            if id in shop.products
        },
        {(s, id): wish for s, shop in given_shops.items() for id, wish in shop.wishes.items()},
        waits=any(shop.owner_waits for shop in given_shops.values()),
    )
    stock.rules_at_once(rules)
    return default or "include"


def _products(shop: Shop) -> Iterable[Product]:
    for id, group_id in shop.products.items():
        facts = shop.facts_of(id)
        known = {"quantity": facts.quantity, "price": facts.price, "type": facts.type}
        yield product(id, facts.name, group_id, **known)
