"""One good is told of as all goods are, and nothing is read for that but the groups that it lies in."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert

from app.data.db import db
from app.data.engine import measure_table
from app.mirror.models import CachedGroup, CachedProduct, GroupSize, NewProduct
from app.publishing.feed.offers import card_name
from app.publishing.goods import every_good_of, first_goods_of, good_of
from app.publishing.photos.models import GoodPhoto, Photo
from app.publishing.planning.choosing import Chooser, GroupChoice
from app.publishing.planning.settings import Settings
from app.publishing.settings.models import GroupSettings
from app.publishing.settings.read import group_tree_above, group_tree_of
from app.publishing.settings.save import save_settings
from app.rules.models import SyncFilter
from app.rules.policy import Policy
from app.rules.waiting import BY_RULES, WAIT
from tests.databases import listening, on_both
from tests.owners import Owner
from tests.plans import rows_read
from tests.publishing.feed.conftest import marketplace_of
from tests.rules.shops import GROUP_IDS, STORE_IDS, UNLISTED, Shop, fill, policies, two_shops
from tests.stock import Stock, group, product
from tests.thoroughness import examples

MANY = 2_000
PLACES = st.tuples(st.sampled_from(STORE_IDS), st.sampled_from(GROUP_IDS + UNLISTED))
CHOICES = st.builds(
    GroupChoice,
    category_id=st.none() | st.integers(1, 3),
    markup_percent=st.none(),
    out_of_stock=st.none() | st.just("order"),
    album=st.none() | st.booleans(),
    per_100g=st.none(),
    new_goods=st.none() | st.sampled_from([WAIT, BY_RULES]),
)


def choose(owner: Owner, choices: dict[tuple[str, str], GroupChoice]) -> None:
    """Let these be the choices for groups, and no others."""
    with owner.app.app_context():
        db.session.execute(delete(GroupSettings).filter_by(user_id=owner.id))
        rows = [
            {
                "user_id": owner.id,
                "store_evotor_id": store_id,
                "group_evotor_id": group_id,
                **choice._asdict(),
            }
            for (store_id, group_id), choice in choices.items()
        ]
        if rows:
            db.session.execute(insert(GroupSettings), rows)
        db.session.commit()


@on_both
@settings(max_examples=examples(4), phases=[Phase.generate])
@given(
    shops=two_shops,
    policy=policies,
    lenders=st.frozensets(PLACES),
    chosen=st.dictionaries(PLACES, CHOICES, max_size=4),
)
def test_it_is_as_among_all_others_however_the_groups_lie(
    app: Flask,
    alice: Owner,
    bob: Owner,
    stock: Stock,
    shops: dict[str, Shop],
    policy: Policy,
    lenders: frozenset[tuple[str, str]],
    chosen: dict[tuple[str, str], GroupChoice],
) -> None:
    fill(stock, shops, None, policy)
    pictured = [(store_id, id) for store_id, shop in shops.items() for id in shop.products if id < "p3"]
    stock.photos(pictured, lenders)
    choose(alice, chosen)
    # Another owner's groups of the same ids lie otherwise, and have choices of their own.
    choose(bob, dict.fromkeys(((s, id) for s in STORE_IDS for id in GROUP_IDS), GroupChoice(category_id=9)))
    with app.app_context():
        goods = list(every_good_of(alice.id))
        assert [good_of(alice.id, *good.key) for good in goods] == goods
        assert (
            first_goods_of(alice.id, 0, 3, former_days=0) == [each for each in goods if each.is_published][:3]
        )
        whole = Chooser(Settings(), group_tree_of(alice.id))
        of_all = Chooser(Settings(), group_tree_above(alice.id, [good.key for good in goods]))
        for good in goods:
            of_one = Chooser(Settings(), group_tree_above(alice.id, [good.key]))
            place = good.store_id, good.group_id
            assert of_one.choice(*place) == whole.choice(*place) == of_all.choice(*place)


@on_both
def test_a_choice_comes_down_through_thousands_of_groups(app: Flask, alice: Owner, stock: Stock) -> None:
    chain = [group(f"g{n}", parent=f"g{n - 1}" if n else None) for n in range(MANY)]
    stock.put(groups=chain, products=[product("p1", group=f"g{MANY - 1}")])
    stock.photos(groups=[("s1", "g1")])
    choose(alice, {("s1", "g0"): GroupChoice(category_id=7), ("s1", "g9"): GroupChoice(album=True)})
    with app.app_context():
        good = good_of(alice.id, "s1", "p1")
        assert good is not None and len(good.photos) == 1
        choice = Chooser(Settings(), group_tree_above(alice.id, [good.key])).choice("s1", good.group_id)
    assert (choice.category_id, choice.album) == (7, True)


@contextmanager
def taken(app: Flask) -> Iterator[list[tuple[str, Any]]]:
    """What is asked of the database meanwhile: statements with their parameters."""
    statements: list[tuple[str, Any]] = []
    with app.app_context():
        engine = db.engine
    note = lambda _c, _cursor, words, given, *_: statements.append((words, given))  # noqa: E731
    with listening(engine, "before_cursor_execute", note):
        yield statements


@pytest.mark.databases("postgresql")
def test_its_card_its_page_and_its_picture_read_no_more_however_many_groups_there_are(
    app: Flask, alice: Owner, stock: Stock
) -> None:
    with app.app_context():
        save_settings(alice.id, {"photo_fallback": "card"})
    secret = marketplace_of(app, alice).path.removesuffix(".yml")
    good = "store_id=s1&product_id=p1"
    addresses = [f"{secret}/cards/{card_name(('s1', 'p1'))}.jpg", f"/catalog/product?{good}"]
    addresses.append(f"/sync/settings/picture?{good}")
    few = [group("top"), group("tea", parent="top")]
    # Beside the good's own group, and within the one above it.
    many = [*few, *(group(f"g{n}", parent="top" if n % 2 else None) for n in range(MANY))]
    goods = [product(f"p{n}", group=f"g{n}", price=100) for n in range(2, MANY, 4)]
    counts: list[int] = []
    for groups, others in ((few, []), (many, goods)):
        stock.put(groups=groups, products=[product("p1", group="tea", price=100), *others])
        stock.put("s2", groups=groups, products=[product("p1", group="tea", price=100)])
        stock.photos([("s1", each.id) for each in others], [("s1", "g1")])
        choose(alice, {("s1", "top"): GroupChoice(category_id=7)})
        stock.rule("group", "top", "include")
        with app.app_context(), db.engine.begin() as connection:
            for model in (CachedGroup, CachedProduct, NewProduct, GoodPhoto, Photo, GroupSize, SyncFilter):
                measure_table(connection, model.__table__)
        for address in addresses:
            with taken(app) as statements:
                assert alice.client.get(address).status_code == 200
            counts.append(len(statements))
            asked = [each for each in statements if each[0].startswith(("SELECT", "WITH"))]
            with app.app_context(), db.engine.connect() as connection:
                assert sum(rows_read(connection, *each) for each in asked) < MANY, address
    assert counts[:3] == counts[3:]
