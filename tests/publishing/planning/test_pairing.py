"""Listings of the community are proposed to goods by sku, article and name, never by a guess."""

import random
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.publishing.planning import reasons
from app.publishing.planning.existing import Entry, ForeignItem
from app.publishing.planning.good import Good, Key
from app.publishing.planning.make import Existing, make_plan
from app.publishing.planning.pairing import Pairing, Why, propose
from app.publishing.planning.settings import Settings
from app.publishing.planning.sku import key_sku
from app.publishing.planning.steps import steps

TEA = Good("s1", "tea", "Чай зелёный", article="A-1", code="7", barcodes="4601 4602")
COFFEE = Good("s1", "coffee", "Кофе в зёрнах", article="A-2")


def proposed(items: Sequence[ForeignItem], goods: Sequence[Good]) -> dict[int, tuple[Key, Why]]:
    pairing = propose(items, ((good,) for good in goods))
    return {each.item.item_id: (each.shelf[0].key, each.why) for each in pairing.proposals}


@pytest.mark.parametrize(
    ("sku", "name", "why"),
    [
        ("A-1", "Другое", Why.SKU),
        (key_sku(TEA.key), "Другое", Why.SKU),
        (f"{key_sku(TEA.key)}-2", "Другое", Why.SKU),
        ("a-1 ", "Другое", Why.ARTICLE),
        ("7", "Другое", Why.ARTICLE),
        ("4602", "Другое", Why.ARTICLE),
        (None, "Чай зелёный", Why.NAME),
        ("x", "ЧАЙ  ЗЕЛЕНЫЙ", Why.ALIKE),
        (None, "«Чай» (зеленый)", Why.ALIKE),
    ],
)
def test_each_mark_has_its_reason(sku: str | None, name: str, why: Why):
    assert proposed([ForeignItem(5, name, sku)], [TEA, COFFEE]) == {5: (TEA.key, why)}


def test_signs_between_the_words_of_a_name_do_not_matter_but_numbers_do():
    large, small = (TEA._replace(product_id=size, name=f"Сок, {size} л") for size in ("15", "1,5"))
    items = [ForeignItem(5, "СОК 1.5Л"), ForeignItem(6, "Сок 15л"), ForeignItem(7, "Сок — 5 л")]
    assert proposed(items, [large, small]) == {5: (small.key, Why.ALIKE), 6: (large.key, Why.ALIKE)}


def test_the_surest_mark_wins():
    items = [ForeignItem(5, "Чай зелёный"), ForeignItem(6, "Кофе в зёрнах", "A-1")]
    assert proposed(items, [TEA, COFFEE]) == {6: (TEA.key, Why.SKU)}


def test_what_may_be_several_goods_is_shown_with_all_of_them():
    other = TEA._replace(store_id="s2", article="B-9", code=None, barcodes=None)
    pairing = propose(
        [ForeignItem(5, "Чай зелёный"), ForeignItem(6, "Кружка")], [(TEA,), (other,), (COFFEE,)]
    )
    assert pairing.proposals == ()
    [alike] = pairing.alike
    assert (alike.item.item_id, [shelf[0].key for shelf in alike.shelves]) == (5, [TEA.key, other.key])
    assert [item.item_id for item in pairing.unpaired] == [6]


def test_one_article_of_two_goods_is_told_apart_by_the_name():
    other = COFFEE._replace(article="A-1")
    assert proposed([ForeignItem(5, "Кофе в зёрнах", "A-1")], [TEA, other]) == {5: (other.key, Why.NAME)}


IN_S2 = TEA._replace(store_id="s2", product_id="tea2", store_name="А")
IN_S3 = TEA._replace(store_id="s3", product_id="tea3", barcodes="4602")


@pytest.mark.parametrize("sku", ["A-1", "4602", None], ids=["sku", "barcode", "name"])
@pytest.mark.parametrize(
    ("order", "chosen"),
    [((), "s1"), (("s3", "s2"), "s3"), (("gone", "s2"), "s2")],
    ids=["none", "all", "some"],
)
def test_the_same_good_of_several_stores_is_that_of_the_first_in_the_owners_order(
    sku: str | None, order: tuple[str, ...], chosen: str
):
    shelves = [(TEA,), (IN_S2,), (IN_S3,)]
    [proposal] = propose([ForeignItem(5, TEA.name, sku)], shelves, Settings(store_order=order)).proposals
    assert proposal.shelf[0].store_id == chosen
    assert {good.store_id for (good,) in proposal.others} == {"s1", "s2", "s3"} - {chosen}


@pytest.mark.parametrize("away", [{"allow_to_sell": False}, {"quantity": Decimal(2)}])
def test_a_store_that_sells_the_good_goes_before_one_that_does_not(away: dict[str, Any]):
    shelves = [(TEA._replace(**away),), (IN_S2,), (IN_S3._replace(**away),)]
    settings = Settings(store_order=("s3", "s1", "s2"), reserve=Decimal(2))
    [proposal] = propose([ForeignItem(5, TEA.name, "A-1")], shelves, settings).proposals
    assert proposal.shelf[0].store_id == "s2"
    assert [good.store_id for (good,) in proposal.others] == ["s3", "s1"]


@pytest.mark.parametrize(
    "other",
    [
        IN_S2._replace(store_id="s1"),
        IN_S2._replace(name="Чай чёрный"),
        IN_S2._replace(barcodes="4609"),
    ],
    ids=["one store", "another name", "another barcode"],
)
def test_one_article_of_goods_that_differ_is_shown_with_all_of_them(other: Good):
    pairing = propose([ForeignItem(5, "Напиток", "A-1")], [(TEA,), (other,)])
    assert pairing.proposals == () and len(pairing.alike[0].shelves) == 2


def test_two_listings_of_the_same_good_of_two_stores_are_shown_as_alike():
    pairing = propose([ForeignItem(5, TEA.name), ForeignItem(6, TEA.name)], [(TEA,), (IN_S2,)])
    assert pairing.proposals == () and len(pairing.alike) == 2


def test_what_one_listing_left_over_can_be_another_one():
    pairing = propose([ForeignItem(5, "Чай", "A-1"), ForeignItem(6, TEA.name)], [(TEA,), (IN_S2,)])
    assert [(each.item.item_id, each.shelf, each.others) for each in pairing.proposals] == [
        (5, (TEA,), ()),
        (6, (IN_S2,), ()),
    ]


def test_two_listings_of_one_good_are_both_shown_as_alike():
    pairing = propose([ForeignItem(5, "Чай зелёный"), ForeignItem(6, "Чай зелёный")], [(TEA,)])
    assert pairing.proposals == ()
    assert [alike.item.item_id for alike in pairing.alike] == [5, 6]


def test_what_the_owner_called_another_good_is_left_alone():
    assert propose([ForeignItem(5, "Чай зелёный", "A-1", is_other=True)], [(TEA,)]) == Pairing()


def test_a_good_that_is_not_published_gets_a_hidden_listing_only():
    hidden = TEA._replace(is_published=False)
    assert proposed([ForeignItem(5, "Чай", "A-1")], [hidden]) == {}
    assert proposed([ForeignItem(5, "Чай", "A-1", is_available=False)], [hidden]) == {5: (TEA.key, Why.SKU)}


def test_a_listing_of_several_stores_is_found_by_the_mark_of_any():
    other = TEA._replace(store_id="s2", product_id="tea2")
    [proposal] = propose([ForeignItem(5, "Чай", key_sku(other.key))], [(TEA, other)]).proposals
    assert proposal.shelf == (TEA, other)


WORDS = st.sampled_from(["Чай", "чай", "ЧАЙ", "Кофе", "Мёд", "Мед"])
MARKS = st.sampled_from([None, "1", "2", "3", "a", "A"])
STORES = st.sampled_from(["s1", "s2", "s3"])
GOODS = st.lists(st.tuples(STORES, WORDS, MARKS, MARKS, st.booleans()), max_size=6)
ITEMS = st.lists(st.tuples(WORDS, MARKS, st.booleans(), st.booleans()), max_size=6)


@given(GOODS, ITEMS, st.randoms())
def test_any_order_gives_the_same_pairs_and_nothing_is_paired_twice(
    goods: list[tuple], items: list[tuple], shuffled: random.Random
):
    shelves = [
        (Good(store, str(n), name, is_published=published, article=article, code=code),)
        for n, (store, name, article, code, published) in enumerate(goods)
    ]
    listings = [
        ForeignItem(n, name, sku, is_available=available, is_other=other)
        for n, (name, sku, available, other) in enumerate(items)
    ]
    settings = Settings(store_order=("s2",))
    pairing = propose(listings, shelves, settings)
    mixed = shuffled.sample(listings, len(listings)), shuffled.sample(shelves, len(shelves))
    assert propose(*mixed, settings) == pairing
    paired = [each.shelf[0].key for each in pairing.proposals]
    assert len(paired) == len(set(paired))
    assert not {shelf[0].key for each in pairing.proposals for shelf in each.others} & set(paired)
    placed = [each.item.item_id for each in pairing.proposals]
    placed += [each.item.item_id for each in pairing.alike]
    placed += [item.item_id for item in pairing.unpaired]
    assert sorted(placed) == [item.item_id for item in listings if not item.is_other]


SETTINGS = Settings(default_category_id=1, photo_fallback="card")
PRICED = TEA._replace(price=Decimal(350), description="Собран вручную весной")


def test_a_new_good_that_may_be_there_already_is_asked_about_and_not_added():
    plan = make_plan([PRICED], Existing((), [ForeignItem(5, "чай зеленый")]), SETTINGS)
    [item] = plan.items["ask"]
    assert item.reason == reasons.SAME_NAME and item.foreign is not None and not plan.has_work


def paired(**seen: object) -> Entry:
    fields: dict[str, object] = {
        "name": PRICED.name,
        "description": PRICED.description,
        "category_id": 1,
    }
    fields |= {"photo_ids": [9], "available": True, "price": "350.00", "sku": "A-1", **seen}
    return Entry(1, "A-1", 5, "live", {}, fields, (TEA.key,))


def test_a_listing_that_was_paired_waits_for_the_owner_before_anything_is_written_to_it():
    assert not make_plan([PRICED], Existing([paired()]), SETTINGS).has_work
    plan = make_plan([PRICED], Existing([paired(price="1.00")]), replace(SETTINGS, price_guard_percent=10**6))
    assert [hold.code for hold in plan.holds] == ["paired"]


def test_a_paired_listing_without_our_mark_gets_it_once():
    entry = paired(sku="")
    plan = make_plan([PRICED], Existing([entry]), SETTINGS)
    assert [step.fields for step in steps(plan)] == [{"sku": "A-1"}]
    sent = entry._replace(sent={"sku": "A-1"}, seen={**entry.seen, "sku": ""})
    assert not make_plan([PRICED], Existing([sent]), SETTINGS).has_work
