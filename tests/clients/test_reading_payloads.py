"""Every shape that real answers have been seen in becomes the same typed values."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from app.clients.errors import BadPayload
from app.clients.evotor.client import Group, Product, Store
from app.clients.evotor.page_payload import read_one, read_page, read_sent, read_violations, split_page
from app.clients.evotor.payload import read_group, read_product, read_store


def product(**fields: Any) -> Product:
    return read_one(json.dumps({"id": "p1", "name": "Чай", **fields}).encode(), read_product)


def product_with(raw_json: str) -> Product:
    return read_one(f'{{"id":"p1","name":"Чай",{raw_json}}}'.encode(), read_product)


BARE = Product("p1", "Чай", None, None, None, None, None, None, None, (), None, None)


def test_a_full_product_is_read_field_by_field() -> None:
    assert product(
        type="NORMAL",
        parent_id="g1",
        price=350.5,
        quantity=12.125,
        measure_name="кг",
        article_number="ЧАЙ-01",
        code="24",
        description="Крупный лист",
        barcodes=["2000000000060", "4600000000001"],
        allow_to_sell=True,
        tax="VAT_20",
        cost_price=100.123,
        created_at="2024-07-13T06:31:37.360+0000",
        attributes_choices={},
    ) == Product(
        "p1",
        "Чай",
        "g1",
        Decimal("350.50"),
        Decimal("12.125"),
        "кг",
        "ЧАЙ-01",
        "24",
        "Крупный лист",
        ("2000000000060", "4600000000001"),
        "NORMAL",
        True,
    )


@pytest.mark.parametrize("nothing", [None, "", "  ", [], {}])
def test_absent_null_and_empty_mean_the_same(nothing: Any) -> None:
    fields = ("parent_id", "price", "quantity", "measure_name", "article_number", "code", "description")
    assert product(**dict.fromkeys((*fields, "barcodes", "type", "allow_to_sell"), nothing)) == BARE
    assert product() == BARE


@pytest.mark.parametrize(
    ("written", "price"),
    [
        ("300", "300.00"),
        ("123.12", "123.12"),
        ("0.1", "0.10"),
        ("0.125", "0.13"),
        ("-0.125", "-0.13"),
        ("1e2", "100.00"),
        ('"123.12"', "123.12"),
        ('" 7 "', "7.00"),
        ("9999999999.99", "9999999999.99"),
        ("-0.001", "0.00"),
        ("1e-400", "0.00"),
        ("9999999999.995", None),
        ("10000000000", None),
        ("1e400", None),
        ("1e99999999999999999999", None),
        ("9" * 5000, None),
        ("0." + "3" * 5000, None),
        ("NaN", None),
        ("Infinity", None),
        ("-Infinity", None),
        ('"NaN"', None),
        ('"sNaN"', None),
        ('"-inf"', None),
        ('"дорого"', None),
        ("true", None),
        ("[300]", None),
    ],
)
def test_a_price_has_two_decimals_or_is_unknown(written: str, price: str | None) -> None:
    read = product_with(f'"price": {written}').price
    assert read is None if price is None else str(read) == price, read


@pytest.mark.parametrize(
    ("written", "quantity"),
    [
        ("12", "12.000"),
        ("-3", "-3.000"),
        ("0.0005", "0.001"),
        ("999999999.999", "999999999.999"),
        ("999999999.9995", None),
        ('"0.250"', "0.250"),
    ],
)
def test_a_quantity_has_three_decimals_and_may_be_negative(written: str, quantity: str | None) -> None:
    read = product_with(f'"quantity": {written}').quantity
    assert read is None if quantity is None else str(read) == quantity, read


@pytest.mark.parametrize(
    ("written", "on_sale"),
    [
        (True, True),
        (False, False),
        ("true", True),
        (" FALSE ", False),
        (1, True),
        (0, False),
        (" 1", True),
        ("да", None),
        (2, None),
        ([True], None),
    ],
)
def test_allow_to_sell_is_yes_no_or_unknown(written: Any, on_sale: bool | None) -> None:
    assert product(allow_to_sell=written).allow_to_sell is on_sale


@pytest.mark.parametrize(
    ("written", "barcodes"),
    [
        (["1", "2"], ("1", "2")),
        ("2000000000060", ("2000000000060",)),
        (2000000000060, ("2000000000060",)),
        ([2000000000060, None, "", {"a": 1}, ["3"]], ("2000000000060",)),
        (True, ()),
    ],
)
def test_barcodes_come_as_a_list_a_text_or_a_number(written: Any, barcodes: tuple[str, ...]) -> None:
    assert product(barcodes=written).barcodes == barcodes


def test_unknown_fields_and_kinds_pass() -> None:
    read = product(type="LIGHT_BULBS_MARKED", is_excisable={"since": [1, 2]}, parent_id=42, code=24)
    assert (read.type, read.parent_id, read.code) == ("LIGHT_BULBS_MARKED", "42", "24")


@pytest.mark.parametrize("written", [" {}", "{}\n", "\xa0\u2003{}", "\u200d {}\xad", "\u3000\ufeff\t{}"])
def test_a_type_is_known_whatever_blanks_stand_around_it_and_in_any_case(written: str) -> None:
    for kind in ("ALCOHOL_MARKED", "alcohol_Marked"):
        assert product(type=written.format(kind)).type == "ALCOHOL_MARKED"
    assert product(type=written.format("")).type is None


@pytest.mark.parametrize(
    "name", ["По-венский 0,3", '"Чай" <b>', "=1+1", "Чай\nчёрный", "🍵 чай", "х" * 128, " с краю "]
)
def test_a_name_is_kept_as_it_is(name: str) -> None:
    assert product(name=name).name == name


@pytest.mark.parametrize("name", [None, "", " \n", [], True, "\0", "\u200b\u200c\ufeff \u2060"])
def test_a_thing_without_a_name_is_called_by_its_id(name: Any) -> None:
    assert product(name=name).name == "p1"


def test_texts_fit_where_they_are_kept() -> None:
    read = product(name="н" * 300, measure_name="м" * 30, article_number="а" * 130, parent_id="г" * 256)
    assert (len(read.name), len(read.measure_name or ""), len(read.article_number or "")) == (255, 20, 100)
    # A cut id would name another group.
    assert read.parent_id is None


@pytest.mark.parametrize("escaped", [True, False])
def test_characters_that_cannot_be_stored_are_dropped(escaped: bool) -> None:
    body = json.dumps(
        {"id": "p1", "name": "Ч\0ай 🍵", "code": "\0", "barcodes": ["1\0"]}, ensure_ascii=escaped
    )
    read = read_one(body.encode(), read_product)
    assert (read.name, read.code, read.barcodes) == ("Чай 🍵", None, ("1",))
    half = read_one(b'{"id":"p1","name":"\\uD83Dx\\udf75"}', read_product)
    assert half.name == "x"


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("\u202eйач\u202c \u2066x\u2069", "йач x"),
        ("a\x1b[31m\x7fb\x85c", "a[31mb\x85c"),
        ("👩\u200d🍳\tчай", "👩\u200d🍳\tчай"),
    ],
)
def test_what_nobody_sees_turns_no_words_about_and_hides_in_no_name(sent: str, kept: str) -> None:
    assert product(name=sent).name == kept
    # Of an id every sign counts.
    assert product(parent_id=sent).parent_id == sent


@pytest.mark.parametrize("id", [None, "", " ", "\0", "и" * 256, True, [], {"id": "1"}])
@pytest.mark.parametrize("read", [read_store, read_group, read_product])
def test_one_thing_without_a_usable_id_spoils_the_page(read: Any, id: Any) -> None:
    body = json.dumps({"items": [{"id": "1", "name": "Чай"}, {"id": id, "name": "Кофе"}]}).encode()
    with pytest.raises(BadPayload):
        read_page(body, read)
    with pytest.raises(BadPayload):
        split_page(body)


def test_stores_and_groups_are_read() -> None:
    store = b'{"id":"S1","name":"\xd0\x9c\xd0\xb8\xd1\x80","address":""}'
    assert read_one(store, read_store) == Store("S1", "Мир", None)
    group = b'{"id":"g1","name":"Tea","parent_id":"g0","attributes":[{"id":"a"}]}'
    assert read_one(group, read_group) == Group("g1", "Tea", "g0")


@pytest.mark.parametrize(
    "paging", ["", ',"paging":{}', ',"paging":null', ',"paging":""', ',"paging":[]', ',"paging":false']
)
def test_a_page_without_a_cursor_is_the_last(paging: str) -> None:
    assert read_page(b'{"items":[{"id":"1"}]' + paging.encode() + b"}", read_store)[1] is None


@pytest.mark.parametrize("cursor", ["null", '""', "false", "[]"])
def test_an_empty_cursor_is_the_end(cursor: str) -> None:
    assert read_page(f'{{"items":[],"paging":{{"next_cursor":{cursor}}}}}'.encode(), read_store) == ([], None)


@pytest.mark.parametrize(
    ("body", "page"),
    [
        (b'{"items":[],"paging":{"next_cursor":"abc=="}}', ([], "abc==")),
        (b'{"paging":{"next_cursor":"abc"}}', ([], "abc")),
        (b'{"items":null,"paging":{}}', ([], None)),
        (b'\xef\xbb\xbf{"items":[],"paging":{"next_cursor":17}}', ([], "17")),
    ],
)
def test_an_empty_page_may_have_a_next_one(body: bytes, page: tuple[list[Store], str | None]) -> None:
    assert read_page(body, read_store) == page


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'"text"',
        b"{}",
        b'{"error":"oops"}',
        b'{"items":null}',
        b'{"items":{"0":{}},"paging":{}}',
        b'{"items":"","paging":7}',
        b'{"items":[1]}',
        b'{"items":[null]}',
        b'{"items":[[{"id":"1"}]]}',
        b'{"items":[],"paging":"next"}',
        b'{"items":[],"paging":{"next_cursor":["a"]}}',
        b'{"items":[],"paging":{"next_cursor":true}}',
        b'{"items":[],"paging":{"next_cursor":"' + b"a" * 5000 + b'"}}',
        b'{"items":[],"items":[]}',
        b'{"items":[{"id":"1","id":"2"}]}',
        b'{"items":[{"id":"1"}',
        b'{"items":[{"id":"1"}]} trailing',
        b"<!doctype html><html><body>OK</body></html>",
        b'{"items":[{"id":"\xff"}]}',
        b'{"items":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"items":' + b'{"a":' * 100_000 + b"1" + b"}" * 100_000 + b"}",
    ],
    ids=range(24),
)
def test_what_is_not_a_page_is_refused(body: bytes) -> None:
    with pytest.raises(BadPayload) as refused:
        read_page(body, read_store)
    assert not refused.value.permanent
    with pytest.raises(BadPayload):
        read_sent(split_page(body)[0])


def test_a_page_is_split_without_reading_its_products() -> None:
    body = b'{"items":[ {"id":"1","name":"a"} ,{"name":{},"id":"2"}],"paging":{"next_cursor":"n"}}'
    assert split_page(body) == ([("1", b'{"id":"1","name":"a"}'), ("2", b'{"name":{},"id":"2"}')], "n")


def test_no_key_hides_another_one() -> None:
    twice = b'{"items":[{"id":"1"}],"paging":{"next_cursor":"a"},"items":[]}'
    with pytest.raises(BadPayload):
        split_page(twice)
    sent, _ = split_page(b'{"items":[{"id":"1","name":"a","name":"b"}]}')
    with pytest.raises(BadPayload):
        read_sent(sent)


def test_violations_are_read_as_far_as_they_can_be() -> None:
    body = '{"code":"invalid_format","violations":[{"reason":"плохо","subject":"since"},{"reason":7},null]}'
    assert read_violations(body.encode()) == ("invalid_format", (("since", "плохо"), ("", "7")))


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b'{"violations":{"a":1},"code":[]}', b'{"code":null}']
)
def test_unreadable_violations_are_none(body: bytes) -> None:
    assert read_violations(body) == ("", ())
