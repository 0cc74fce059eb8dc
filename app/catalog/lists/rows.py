"""Rows of the three tables, with their rule and the result it leads to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from app.catalog.lists.elsewhere import Elsewhere
from app.catalog.lists.family import Family, find_family
from app.catalog.lists.in_vk import VkState, is_unready, state_in_vk, states_in_vk
from app.catalog.lists.reasons import Verdict, verdict_of
from app.catalog.lists.shelf import Good
from app.mirror.models import CachedStore
from app.rules.decide import GROUP, PRODUCT, STORE, decide_product
from app.rules.policy import Policy
from app.web.addresses import url_for
from app.web.formatting import price, quantity
from app.web.language import language


# Not frozen: a page has up to two hundred, and freezing one takes as long as making it.
@dataclass(kw_only=True)
class CatalogRow:
    """What every row has. `rule` is its own rule's mode or None; `number` is the table's key."""

    entity: ClassVar[str]
    number: int
    evotor_id: str
    store_id: str
    name: str
    rule: str | None
    verdict: Verdict
    # Tells the action which of the two product tables the row stands in.
    inside_group: bool = False

    @property
    def anchor(self) -> str:
        """The id of the row's head: it names the row, and rows are many, so it is short."""
        return f"{self.entity[0]}{self.number}"

    @property
    def filter_query(self) -> str:
        """What the row's form says of the row, as a query string."""
        return f"row={self.anchor}&view=group" if self.inside_group else f"row={self.anchor}"


@dataclass(kw_only=True)
class PlaceRow(CatalogRow):
    """A store or a group, with how many goods lie in it, are published, are in VK, and cannot be there."""

    product_count: int
    published_count: int
    live_count: int
    unready_count: int

    @property
    def is_unready(self) -> bool:
        """Whether VK can have nothing of what is published here, as things are."""
        return 0 < self.published_count == self.unready_count


@dataclass(kw_only=True)
class StoreRow(PlaceRow):
    entity = STORE
    address: str | None

    @property
    def groups_url(self) -> str:
        return url_for("catalog.groups", store_id=self.evotor_id)

    @property
    def products_url(self) -> str:
        return url_for("catalog.products", store_id=self.evotor_id)


@dataclass(kw_only=True)
class GroupRow(PlaceRow):
    """`path` names the groups above, from the root; its counts take in the groups within it.

    In the tree `fold_url` folds and unfolds the groups within it, None where there are none; `depth` is None
    in a flat list. A page that begins in the midst of a branch shows the path.
    """

    entity = GROUP
    path: list[str]
    depth: int | None = None
    fold_url: str | None = None
    is_folded: bool = False
    shows_path: bool = False

    @property
    def filter_query(self) -> str:
        """The same of a row of the tree."""
        return f"row={self.anchor}&view=tree" if self.depth is not None else super().filter_query

    @property
    def products_url(self) -> str:
        return url_for("catalog.products", store_id=self.store_id, group_id=self.evotor_id)


@dataclass(kw_only=True)
class ProductRow(CatalogRow):
    """`price` and `quantity` are written out; None: the cloud does not say it. `photo` is a picture's key.

    `is_unready`: the rules publish it, and VK cannot have it as things are.
    """

    entity = PRODUCT
    article_number: str | None
    price: str | None
    quantity: str | None
    measure_name: str | None
    allow_to_sell: bool | None
    group_name: str | None
    group_url: str | None
    is_new: bool
    vk: VkState | None
    is_unready: bool
    photo: int | None = None
    store_name: str | None = None  # In the list of all stores.
    store_url: str | None = None
    elsewhere: Elsewhere | None = None
    # Of how many stores' goods it stands for there: its own; several; none, where another one stands for it.
    stands_for: int = 1

    @property
    def filter_query(self) -> str:
        """What the row's form says of the row, and in which list it stands."""
        if self.store_name is None:
            return super().filter_query
        folded = "" if self.stands_for == 1 else f"&stores={self.stands_for}"
        return f"row={self.anchor}&view=all{folded}"

    @property
    def url(self) -> str:
        """The short address of the good's page."""
        # Not by `url_for`: a page has up to two hundred of these.
        return f"/catalog/product/{self.number}"


def product_rows(
    user_id: int,
    store: CachedStore,
    goods: Sequence[Good],
    *,
    inside_group: bool,
    policy: Policy,
    family: Family | None = None,
) -> list[ProductRow]:
    """Complete the goods of a page; `family` spares reading what surrounds them."""
    lineage, rules, listed, community_id, _, waiting, readiness, photos, *_ = family or find_family(
        user_id, store.evotor_id, groups_of(goods), [good.evotor_id for good in goods]
    )
    # The list's own statement has read them already.
    rules = rules._replace(products={good.evotor_id: good.rule_mode for good in goods if good.rule_mode})
    store_id, last_run, spoken = store.evotor_id, store.refreshed_by, language()
    in_vk = states_in_vk(community_id, listed, spoken=spoken)
    kept_out = readiness.judge(user_id, store.evotor_id, goods)
    # One address for all: making each takes as long as reading the page.
    group_url = url_for("catalog.show_group", number="0").removesuffix("0")
    # Most goods of a page share what decides about them.
    verdicts: dict[tuple[Any, ...], Verdict] = {}
    rows = []
    for good in goods:
        waits = good.evotor_id in waiting
        decides = good.rule_mode, good.group_evotor_id, good.criterion, waits
        verdict = verdicts.get(decides)
        if verdict is None:
            met, own = policy.find(good.criterion), (PRODUCT, good.evotor_id)
            decision = decide_product(rules, good.evotor_id, good.group_evotor_id, met, waits=waits)
            verdict = verdict_of(decision, own, store, lineage, policy, spoken=spoken)
            verdicts[decides] = verdict
        group = lineage.get(good.group_evotor_id or "")
        listed_as, is_kept_out = in_vk.get(good.evotor_id), kept_out.get(good.evotor_id)
        rows.append(
            ProductRow(
                number=good.id,
                evotor_id=good.evotor_id,
                store_id=store_id,
                name=good.name,
                rule=good.rule_mode,
                verdict=verdict,
                inside_group=inside_group,
                article_number=good.article_number,
                price=None if good.price is None else price(good.price),
                quantity=None if good.quantity is None else quantity(good.quantity),
                measure_name=good.measure_name,
                allow_to_sell=good.allow_to_sell,
                group_name=group.name if group else None,
                group_url=f"{group_url}{group.number}" if group else None,
                is_new=good.added_by is not None and good.added_by == last_run,
                vk=state_in_vk(listed_as, verdict.published, is_kept_out, spoken=spoken),
                is_unready=verdict.published and is_unready(listed_as, is_kept_out),
                photo=photos.of(store_id, good.evotor_id, good.group_evotor_id),
            )
        )
    return rows


def groups_of(goods: Iterable[Good]) -> set[str]:
    """The groups in which the products lie."""
    return {good.group_evotor_id for good in goods if good.group_evotor_id}
