"""A listing's sku is the till's own mark where it is the only one, and never changes."""

import base64
import hashlib
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.publishing.planning.good import Good
from app.publishing.planning.sku import SkuBook, key_sku, natural_sku

# The machine may be busy with other tests.
UNHURRIED = settings(deadline=None)

TEA = Good("s1", "tea", "Чай", price=Decimal(350))

marks = st.none() | st.text(alphabet=st.sampled_from('AБ1 &"-😀'), max_size=60)


@pytest.mark.parametrize(
    ("marks", "sku"),
    [
        ({"article": "A-1", "code": "7", "barcodes": "460 461"}, "A-1"),
        ({"article": "", "code": "7", "barcodes": "460 461"}, "7"),
        ({"barcodes": "460 461"}, "460"),
        ({"article": " Чай №1/2 "}, None),
        ({"article": " Чай 1/2 "}, "Чай 1/2"),
        ({"article": 'A"1'}, None),
        ({"article": "A" * 51}, None),
        ({"article": "A" * 50}, "A" * 50),
        ({"barcodes": " "}, None),
        ({}, None),
    ],
)
def test_the_article_comes_first_then_the_code_then_the_barcode(marks: dict[str, Any], sku: str | None):
    assert natural_sku(TEA._replace(**marks)) == sku


def test_a_mark_that_two_goods_bear_is_nobodys_sku():
    goods = [TEA._replace(article="A-1"), TEA._replace(product_id="other", code="A-1")]
    book = SkuBook(goods, [])
    assert [book.give(good) for good in goods] == [key_sku(good.key) for good in goods]


def test_a_sku_that_the_ledger_gave_away_is_not_given_again():
    good = TEA._replace(article="A-1")
    assert SkuBook([good], ["A-1"]).give(good) == key_sku(good.key)
    assert SkuBook([good], ["A-1", key_sku(good.key)]).give(good) == f"{key_sku(good.key)}-2"


def test_goods_with_one_id_in_two_stores_have_two_skus():
    assert key_sku(("s1", "tea")) != key_sku(("s2", "tea"))
    assert key_sku(("s1", "tea")) == key_sku(("s1", "tea"))


@UNHURRIED
@given(
    st.lists(st.builds(TEA._replace, product_id=st.uuids().map(str), article=marks, code=marks), max_size=8),
    st.sets(st.sampled_from("A1Б")),
)
def test_skus_are_different_and_short(goods: list[Good], taken: set[str]):
    book = SkuBook(goods, taken)
    given_skus = [book.give(good) for good in goods]
    assert len({*given_skus, *taken}) == len(given_skus) + len(taken)
    assert all(0 < len(sku) <= 50 for sku in given_skus)


@given(key=st.tuples(st.text(max_size=5), st.text(max_size=5)))
def test_our_own_mark_is_the_digest_in_base_32(key: tuple[str, str]):
    digest = hashlib.blake2b("\0".join(key).encode("utf-8", "surrogatepass"), digest_size=10).digest()
    assert key_sku(key) == "v" + base64.b32encode(digest).decode().lower()
