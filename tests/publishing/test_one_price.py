"""The plan, its file, the call to VK and the price list ask the same price, whatever is chosen.

`FUZZ_EXAMPLES=10000` asks for a hundred thousand prices.
"""

import csv
import io
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from app.clients.vk.session import VkSession
from app.publishing.feed.offers import Surroundings, write_offers
from app.publishing.pages.plan_file import as_csv, pieces
from app.publishing.pages.plan_view import field_views
from app.publishing.pages.words import FIELDS
from app.publishing.planning import prices
from app.publishing.planning.choosing import GroupChoice, GroupTree
from app.publishing.planning.desired import Shop as Desires
from app.publishing.planning.existing import OLD_PRICE, PRICE
from app.publishing.planning.good import Good
from app.publishing.planning.make import Existing, make_plan
from app.publishing.planning.rows import all_rows
from app.publishing.planning.settings import Settings
from app.publishing.planning.sku import key_sku
from app.publishing.planning.steps import steps
from app.publishing.run.shop import Shop
from app.web.formatting import money
from app.web.sheet import DIALECTS

ROUBLES = st.integers(1, 10**9).map(lambda kopecks: Decimal(kopecks).scaleb(-2))
PERCENTS = st.integers(-90, 1000).map(Decimal)
GOODS = st.lists(
    st.tuples(
        st.none() | st.just(Decimal(0)) | ROUBLES,
        st.none() | ROUBLES,
        st.sampled_from((None, "шт", "кг", "г")),
        st.sampled_from((None, "tea", "green")),
    ),
    min_size=1,
    max_size=25,
)
CHOSEN = st.fixed_dictionaries(
    {
        "markup_percent": PERCENTS,
        "rounding": st.sampled_from(prices.ROUNDINGS),
        "per_100g": st.booleans(),
        "old_price_days": st.sampled_from((0, 14)),
        "old_price_percent": st.integers(0, 99),
        "price_floor": st.sampled_from((Decimal(0), Decimal(50))),
    }
)
OF_GROUP = st.builds(GroupChoice, markup_percent=st.none() | PERCENTS, per_100g=st.none() | st.booleans())


@given(GOODS, CHOSEN, OF_GROUP, OF_GROUP)
def test_everybody_asks_the_same_price(
    facts: list[tuple[Any, ...]], chosen: dict[str, Any], tea: GroupChoice, green: GroupChoice
) -> None:
    goods = [
        Good(
            "s", f"p{number}", f"Чай {number}", price=price, former_price=former, unit=unit, group_id=group_id
        )
        for number, (price, former, unit, group_id) in enumerate(facts)
    ]
    groups = GroupTree(
        {("s", "tea"): tea, ("s", "green"): green}, {("s", "tea"): None, ("s", "green"): "tea"}
    )
    owners = Settings(default_category_id=1, photo_fallback="card", **chosen)
    plan = make_plan(goods, Existing(), owners, groups)
    file = "".join(as_csv(pieces(plan, {"s": "Чайная"}, {}), DIALECTS["csv"])).lstrip(
        "\N{ZERO WIDTH NO-BREAK SPACE}"
    )
    in_file = {row["ID"]: row for row in csv.DictReader(io.StringIO(file))}
    assert set(in_file) == {good.product_id for good in goods}
    listed = etree.fromstring(
        f"<offers>{write_offers(Desires(owners, groups).desired(goods), Surroundings({}, '')).text}</offers>"
    )
    offers = {offer.get("id"): offer for offer in listed}
    calls = {step.item.key[1]: _sent(step.fields) for step in steps(plan)}
    on_page = {
        row.product_id: {view.name: view.after for view in field_views(row, {})}
        for row in all_rows(plan, "create")
    }
    assert set(calls) == set(on_page)
    for item in plan.items["create"]:
        assert item.want is not None
        want, number = item.want, item.key[1]
        assert want.price is not None
        assert want.price >= chosen["price_floor"]
        assert calls[number]["price"] == in_file[number]["Цена станет"] == want.price_text
        assert on_page[number][FIELDS[PRICE]] == money(want.price_text)
        offer = offers[key_sku(item.key)]
        assert offer.findtext("price") == want.price_text
        assert offer.findtext("oldprice") == want.old_price_unasked
        # What is new in VK has cost nothing before.
        assert "old_price" not in calls[number] and FIELDS[OLD_PRICE] not in on_page[number]
        assert want.asked.old is None or want.asked.old > want.price
        assert in_file[number]["Цена в кассе"] == prices.written(want.good.price or Decimal(0))


def _sent(fields: dict[str, Any]) -> dict[str, str]:
    """The parameters of the call that adds a good; nobody is called."""
    session = VkSession("https://vk.example", "nobody's", budget=None)
    return Shop(session, 1).add("sku", {"available": True, **fields}).params
