"""Goods of several stores that become one listing, and part again: the shop is as it was, field by field."""

from dataclasses import replace
from decimal import Decimal
from itertools import product
from random import Random
from typing import Any

import pytest
from hypothesis import given

from app.publishing.planning.beside import beside_forbidden
from app.publishing.planning.choosing import GroupChoice, GroupTree
from app.publishing.planning.existing import AVAILABLE, PHOTO_IDS, Entry
from app.publishing.planning.good import Good, Key
from app.publishing.planning.joins import Answer, Joins, Together
from app.publishing.planning.make import make_plan
from app.publishing.planning.merging import as_one, forbidden_elsewhere, merged
from app.publishing.planning.settings import Settings
from tests.publishing.planning.community import Community
from tests.publishing.planning.test_plan import SETTINGS, UNHURRIED, catalogues, plan_of, published

JOINED = replace(SETTINGS, merge_by="article")


def without_photo_ids(community: Community) -> dict[int, dict[str, Any]]:
    """What VK holds; a picture that is sent once more gets another number."""
    return {
        item_id: {name: value for name, value in item.items() if name != PHOTO_IDS}
        for item_id, item in community.shop.items()
    }


def carry_out(community: Community, goods: list[Good], *each: Settings) -> None:
    """Publish by these settings, one after another."""
    for settings in each:
        community.carry_out(plan_of(community, goods, settings))
        community.read()


@UNHURRIED
@given(catalogues)
def test_parting_is_the_inverse_of_joining(goods: list[Good]):
    community = published(*goods)
    before, photos = without_photo_ids(community), photos_sent(community)
    carry_out(community, goods, JOINED, SETTINGS)
    after = without_photo_ids(community)
    assert {item_id: after[item_id] for item_id in before} == before
    assert photos_sent(community).items() >= photos.items()
    # Goods none of which can be there alone may have been one that can: it is not shown any more.
    assert not any(item[AVAILABLE] for item_id, item in after.items() if item_id not in before)


@UNHURRIED
@given(catalogues)
def test_joining_is_the_inverse_of_parting(goods: list[Good]):
    community = Community()
    carry_out(community, goods, JOINED)
    before = without_photo_ids(community)
    carry_out(community, goods, SETTINGS, JOINED)
    after = without_photo_ids(community)
    assert {item_id: after[item_id] for item_id in before} == before
    shown = [key for entry in community.entries.values() if is_shown(community, entry) for key in entry.goods]
    assert len(shown) == len(set(shown)), "no good is shown twice"


def is_shown(community: Community, entry: Entry) -> bool:
    return entry.item_id is not None and community.shop[entry.item_id][AVAILABLE]


def photos_sent(community: Community) -> dict[int, Any]:
    """The pictures that each listing has, by its number in the ledger."""
    return {number: entry.sent.get("photos") for number, entry in community.entries.items()}


def test_what_one_of_the_joined_goods_may_not_be_sold_as_none_is():
    goods = [
        Good(store, "p1", "Светлое 0,5", type=kind, price=Decimal(100), quantity=Decimal(5), article="B-1")
        for store, kind in (("s1", "NORMAL"), ("s2", "BEER_MARKED"))
    ]
    plan = plan_of(Community(), goods, JOINED)
    assert not plan.counts["create"]
    assert [item.reason.code for item in plan.items["blocked"] if item.reason] == ["forbidden"]


def test_price_unit_words_and_stock_of_joined_goods_are_of_one_unit():
    by_weight = Good(
        "s1",
        "p1",
        "Сыр, цена за кг",
        quantity=Decimal(5),
        unit="кг",
        article="B-1",
        description="Режем от головы",
    )
    piece = Good(
        "s2", "p2", "Сыр, кусок", price=Decimal(350), quantity=Decimal(2), unit="шт.", article="B-1", code="7"
    )
    same = piece._replace(store_id="s3", unit="ШТ", quantity=Decimal(4), description="Кусок в плёнке, 100 г")
    unknown = piece._replace(store_id="s4", unit=None, quantity=Decimal(1))
    settings = replace(JOINED, per_100g=True, has_stock=True, description_template="{name}, {unit}")
    plan = plan_of(Community(), [by_weight, piece], settings)
    (want,) = (item.want for item in plan.items["create"])
    assert want is not None and want.key == by_weight.key, "the listing stays the first store's"
    assert (want.name, want.price_text, want.stock) == ("Сыр, кусок", "350.00", 2)
    assert want.description == "Сыр, кусок, шт."
    many = as_one([by_weight, piece, same, unknown], settings)
    assert (many.unit, many.quantity, many.description) == ("шт.", 7, same.description)
    # What has its price for its unit keeps both, whatever the others are sold by.
    priced = as_one([by_weight._replace(price=Decimal(3500)), piece], settings)
    assert (priced.name, priced.unit, priced.price, priced.quantity) == (by_weight.name, "кг", 3500, 5)


FIRST, SECOND, THIRD = (Good(store, "p1", "Улун", article="B-1") for store in ("s1", "s2", "s3"))
TWO = (FIRST.key, SECOND.key)


@pytest.mark.parametrize(
    ("joins", "shelves"),
    [
        (Joins({"B-1": Answer(is_one=True, goods=frozenset(TWO))}), [(THIRD,), (FIRST, SECOND)]),
        (Joins(listed=dict.fromkeys(TWO, 1)), [(THIRD,), (FIRST, SECOND)]),
        (
            Joins({"B-1": Answer(is_one=False, goods=frozenset(TWO))}, dict.fromkeys(TWO, 1)),
            [(THIRD,), (FIRST,), (SECOND,)],
        ),
    ],
    ids=["said to be one", "one before", "said to be two"],
)
def test_a_third_good_that_takes_their_mark_joins_nobody_unasked(
    joins: Joins, shelves: list[tuple[Good, ...]]
):
    found = merged((THIRD, FIRST, SECOND), replace(JOINED, store_order=("s1", "s2", "s3")), joins)
    assert found.shelves == shelves
    assert [each.is_one for each in found.alike] == [None]


BARCODES = ("1", "2", "3", "4")


def some_goods(chance: Random) -> list[Good]:
    return [
        Good(store, f"p{number}", "Улун", barcodes=" ".join(chance.sample(BARCODES, chance.randrange(4))))
        for store in ("s1", "s2", "s3")
        for number in range(2)
    ]


def some_joins(chance: Random, goods: list[Good]) -> Joins:
    """Words on pairs and threes of different stores, and listings of such, which may be at odds."""

    def some() -> frozenset[Key]:
        stores = chance.sample(["s1", "s2", "s3"], chance.choice([2, 3]))
        return frozenset(
            chance.choice([good for good in goods if good.store_id == each]).key for each in stores
        )

    answers = {str(number): Answer(chance.random() < 0.6, some()) for number in range(chance.randrange(5))}
    return Joins(answers, dict.fromkeys(some(), 1) if chance.random() < 0.5 else {})


def test_what_is_known_of_goods_holds_whatever_barcodes_they_bear():
    by_barcode = replace(JOINED, merge_by="barcode")
    for seed in range(500):
        chance = Random(seed)
        goods = some_goods(chance)
        joins = some_joins(chance, goods)
        shelves, alike = merged(goods, by_barcode, joins)
        keys = [{good.key for good in shelf} for shelf in shelves]
        assert sorted(key for each in keys for key in each) == sorted(good.key for good in goods), seed
        assert all(len({store for store, _ in each}) == len(each) for each in keys), seed
        # The last word of all holds in any case.
        for answer in list(joins.answers.values())[-1:]:
            assert any(answer.goods <= each for each in keys if answer.goods) is answer.is_one, seed
            if not answer.is_one and answer.goods:
                assert all(len(answer.goods & each) <= 1 for each in keys), seed
        marks = [each.mark for each in alike]
        assert len(set(marks)) == len(marks), "a form names what it is about by the mark"
        joined = {frozenset(good.key for good in each.goods) for each in alike if each.is_one}
        assert joined <= {frozenset(each) for each in keys}, seed
        # What bears a barcode of another store's good is asked about with it, or told of, once.
        told = [{good.key for good in each.goods} for each in alike]
        for barcode in BARCODES:
            bearers = [good for good in goods if barcode in (good.barcodes or "").split()]
            if 1 < len(bearers) == len({good.store_id for good in bearers}):
                assert any({good.key for good in bearers} <= each for each in told), seed
        bare = [good._replace(barcodes=None) for good in goods]
        without = [{good.key for good in shelf} for shelf in merged(bare, by_barcode, joins).shelves]
        assert without == keys, seed


def test_whatever_has_the_mark_of_a_card_that_vk_forbids_is_told_of_beside_it():
    by_barcode = replace(JOINED, merge_by="barcode")
    asked = 0
    for seed in range(500):
        chance = Random(seed)
        goods = [
            good._replace(type=chance.choice(["NORMAL", "BEER_MARKED"]), is_published=chance.random() < 0.6)
            for good in some_goods(chance)
        ]
        joins = some_joins(chance, goods)
        joins = replace(joins, forbidden=forbidden_elsewhere(goods, by_barcode, joins))
        published = list(joins.as_known(good for good in goods if good.is_published))
        alike = merged(published, by_barcode, joins).alike
        beside = beside_forbidden(goods, alike, by_barcode, joins)
        marks = [each.mark for each in (*alike, *beside)]
        assert len(set(marks)) == len(marks), seed
        for each in beside:
            assert {good.is_published for good in each.goods if good.type == "NORMAL"} != {False}, seed
            assert len({good.store_id for good in each.goods}) == len(each.goods) or each.is_one is False
        asked += sum(each.is_one is None for each in beside)
        told = [{good.key for good in each.goods} for each in (*alike, *beside)]
        known = Together(goods, joins, {})
        for good, card in product(published, goods):
            is_like = set((good.barcodes or "").split()).intersection((card.barcodes or "").split())
            if not is_like or good.store_id == card.store_id or known.is_one((good, card)) is not None:
                continue
            if good.type == "NORMAL" and card.type == "BEER_MARKED":
                kin = {each.key for each in known.group_of(good).values()}
                # Of two such cards in one store it is asked about one at a time.
                stores = {store for each in told if kin & each for store, _ in each - kin}
                assert any(card.key in each and kin & each for each in told) or card.store_id in stores, seed
    assert asked


def test_a_word_that_parts_a_good_from_a_card_which_nobody_publishes_may_be_taken_back_whatever_both_bear():
    good = Good("s1", "p1", "Вино кр.", type="NORMAL")
    card = Good("s2", "q1", "Вино красное", type="ALCOHOL_MARKED", is_published=False)
    joins = Joins({"B-1": Answer(is_one=False, goods=frozenset({good.key, card.key}))})
    (parted,) = beside_forbidden([good, card], [], JOINED, joins)
    assert (parted.is_one, parted.goods) == (False, (good, card))


def test_the_price_is_of_a_store_that_sells_the_good_and_made_as_its_group_has_it():
    first = Good("s1", "p1", "Сыр", price=Decimal(60), unit="кг", article="B-1", group_id="g", photos=("a",))
    second = first._replace(store_id="s2", product_id="p2", price=Decimal(1200), photos=())
    groups = GroupTree(
        {
            ("s1", "g"): GroupChoice(category_id=5, markup_percent=Decimal(10), out_of_stock="keep"),
            ("s2", "g"): GroupChoice(category_id=6, markup_percent=Decimal(50), per_100g=True),
        }
    )

    def wanted(*goods: Good) -> Any:
        plan = make_plan(goods, Community().existing(), JOINED, groups)
        (item,) = plan.items["create"]
        return item.want

    want = wanted(first, second)
    assert (want.price_text, want.asked.portion, want.category_id) == ("66.00", None, 5)
    want = wanted(first._replace(allow_to_sell=False), second)
    assert want.good.price == second.price, "only the second store sells it"
    assert (want.price_text, want.asked.portion) == ("180.00", Decimal("0.1"))
    # The card is the first store's, with what its group has chosen for it.
    assert (want.key, want.category_id, want.choice.out_of_stock) == (first.key, 5, "keep")
    # What no store sells has the price of the first that has any.
    assert as_one([each._replace(allow_to_sell=False) for each in (first, second)], JOINED).price == 60
