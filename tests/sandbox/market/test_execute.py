"""execute: a little language, 25 calls in one, failed calls as false with errors beside them."""

import json
import time
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.vk.execute import as_texts
from sandbox.vk.filling import fill
from sandbox.vk.script import BadScript, compile_script
from tests.processes import wait_until
from tests.sandbox.market.conftest import Shop, picture

texts = st.text(st.characters(exclude_categories=["Cs"]))
scalars = st.none() | st.booleans() | st.integers(-(10**15), 10**15) | texts
values = st.recursive(
    scalars | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=15,
)


def run(code: str, **arguments: str) -> tuple[Any, list[tuple[str, Any]]]:
    """Run a program whose calls answer with their number; return its result and the calls."""
    calls: list[tuple[str, Any]] = []

    def call(method: str, params: dict[str, Any]) -> int:
        calls.append((method, params))
        return len(calls)

    return compile_script(code)(arguments, call), calls


@given(values, st.booleans())
def test_any_json_is_read_as_json_reads_it(value: Any, only_ascii: bool) -> None:
    assert run(f"return {json.dumps(value, ensure_ascii=only_ascii)};")[0] == value


@given(st.lists(st.dictionaries(texts, values, max_size=4), max_size=5))
def test_calls_are_made_in_order_with_the_arguments_as_written(wanted: list[dict[str, Any]]) -> None:
    written = ",\n".join(f"API.market.edit({json.dumps(each)})" for each in wanted)
    result, calls = run(f"return [{written}];")
    assert result == list(range(1, len(wanted) + 1))
    assert calls == [("market.edit", each) for each in wanted]


@given(st.text(max_size=60))
def test_any_text_compiles_or_is_a_bad_script(code: str) -> None:
    with suppress(BadScript):
        compile_script(code)


def test_names_of_keys_variables_and_args_are_understood() -> None:
    code = 'var a = API.market.add({name: Args.name, n: -1.5e3}); return {"added": a, more: [Args.none]}'
    result, calls = run(code, name="Чай")
    assert result == {"added": 1, "more": [None]}
    assert calls == [("market.add", {"name": "Чай", "n": -1500.0})]


@pytest.mark.parametrize(
    "code",
    [
        "",
        "return",
        "return ;",
        "[1];",
        "return [1,];",
        "return [1] [2];",
        "return {1: 2};",
        "return API.market.edit([1]);",
        "return API.market;",
        "return API.market.edit({}",
        "return True;",
        "return 'a';",
        'return "a\nb";',
        'return "\\x";',
        "return 01;",
        "return b;",
        "var a = 1 return a;",
        "return 1; return 2;",
        "return " + "[" * 1000 + "]" * 1000 + ";",
    ],
)
def test_what_is_not_the_language_does_not_compile(shop: Shop, code: str) -> None:
    with pytest.raises(BadScript):
        compile_script(code)
    assert shop.execute(code)["error"]["error_code"] == (12 if code else 100)


def test_values_travel_as_a_form_would_carry_them() -> None:
    sent = {"a": True, "b": False, "c": None, "d": [1, 2], "e": 199.9, "f": "т", "g": {"h": 1}}
    assert as_texts(sent) == {"a": "1", "b": "0", "d": "1,2", "e": "199.9", "f": "т", "g": '{"h": 1}'}


def test_a_failed_call_is_false_and_its_error_stands_beside_in_order(shop: Shop) -> None:
    item_id = shop.add()
    edit = {"owner_id": shop.owner_id, "deleted": 0}
    answer = shop.script(
        ("market.edit", {**edit, "item_id": item_id, "price": 5}),
        ("market.edit", {**edit, "item_id": 77, "price": 5}),
        ("market.edit", {**edit, "item_id": item_id, "name": 'Чай "с \\ чертой"\nв две строки'}),
        ("market.delete", {"owner_id": -999, "item_id": 1}),
        ("no.such", {}),
    )
    assert answer["response"] == [1, False, 1, False, False]
    assert [(each["method"], each["error_code"]) for each in answer["execute_errors"]] == [
        ("market.edit", 1403),
        ("market.delete", 100),
        ("no.such", 3),
    ]
    assert set(answer["execute_errors"][0]) == {"method", "error_code", "error_msg"}


def test_without_failures_there_is_no_list_of_errors(shop: Shop) -> None:
    assert shop.script(("market.getCategories", {})).keys() == {"response"}


def test_the_twenty_sixth_call_is_a_runtime_error_after_the_others_were_made(shop: Shop) -> None:
    item_id = shop.add()
    edits = [
        ("market.edit", {"owner_id": shop.owner_id, "item_id": item_id, "price": price, "deleted": 0})
        for price in range(1, 27)
    ]
    assert shop.script(*edits)["error"]["error_code"] == 13
    assert shop.item(item_id)["price"]["amount"] == "2500"
    assert shop.script(*edits[:25])["response"] == [1] * 25


def test_code_that_is_too_long_does_not_compile(shop: Shop) -> None:
    shop.vk.limits.execute_code = 20
    assert shop.execute('return "' + "a" * 20 + '";')["error"]["error_code"] == 12


def test_an_execute_is_one_call_for_the_limit_and_its_calls_are_counted_apart(shop: Shop) -> None:
    calls = shop.vk.calls

    def ask_until_refused() -> bool:
        """On a slow machine a second may pass between the calls."""
        calls.clear()
        for _ in range(3):
            shop.script(*[("market.getCategories", {})] * 25)
        return "error" in shop.execute("return 1;")

    shop.vk.calls_per_second = 3
    wait_until(ask_until_refused, 30)
    assert (calls.total, calls.inner, calls.refused_as_too_often) == (4, 75, 1)


@pytest.mark.parametrize("code", [6, 9, 14])
def test_trouble_inside_stands_among_the_errors(shop: Shop, code: int) -> None:
    shop.vk.faults.refuse(code, "market.getCategories", nth=2, times=1)
    answer = shop.script(*[("market.getCategories", {})] * 3)
    assert [bool(each) for each in answer["response"]] == [True, False, True]
    assert [each["error_code"] for each in answer["execute_errors"]] == [code]


def test_fifteen_thousand_items_are_read_in_three_requests_of_a_few_seconds(shop: Shop) -> None:
    fill(shop.vk, shop.community.id, 15_000)
    asked = {"owner_id": shop.owner_id, "count": 200, "extended": 1, "with_disabled": 1}
    started, seen = time.thread_time(), set()
    for first in range(0, 15_000, 5_000):
        pages = [("market.get", {**asked, "offset": first + place}) for place in range(0, 5_000, 200)]
        seen |= {item["id"] for page in shop.script(*pages)["response"] for item in page["items"]}
    assert len(seen) == 15_000 and shop.vk.calls.total == 3
    assert time.thread_time() - started < 8


def test_photos_can_be_saved_inside(shop: Shop) -> None:
    sent = shop.upload(picture())
    answer = shop.script(("market.saveProductPhoto", {"upload_response": sent}))
    assert answer["response"][0]["photo_id"]
