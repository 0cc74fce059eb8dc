"""Faults of methods: which calls they strike, what they do, and whether the work is done all the same."""

import json
from typing import Any

import pytest
import requests

from sandbox.server import running
from sandbox.vk.faults import KINDS
from sandbox.vk.filling import fill
from tests.sandbox.market.conftest import Shop


@pytest.mark.parametrize("code", [1, 5, 6, 9, 10, 14, 15, 17, 24, 29, 36, 100, 1405, 1438, 11500])
def test_any_method_answers_with_any_code_once_or_always(shop: Shop, code: int) -> None:
    shop.vk.faults.refuse(code, "market.getCategories", times=2)
    codes = [shop.call("market.getCategories").get("error", {}).get("error_code") for _ in range(3)]
    assert codes == [code, code, None]
    shop.vk.faults.refuse(code)
    assert shop.refused("market.get")[0] == code
    shop.vk.faults.clear()
    shop.do("market.get")


def test_troubles_that_a_person_ends_say_where(shop: Shop) -> None:
    def error(code: int) -> Any:
        shop.vk.faults.refuse(code, times=1)
        return shop.call("market.get")["error"]

    assert "/vk-id/not-a-robot?session_token=" in error(14)["redirect_uri"]
    assert error(17)["redirect_uri"] and error(24)["confirmation_text"]
    assert "redirect_uri" not in error(24)


def test_a_captcha_is_over_once_somebody_proved_to_be_no_robot(shop: Shop) -> None:
    shop.vk.faults.refuse(14)
    shop.vk.faults.refuse(9, "market.search")
    address = shop.call("market.get")["error"]["redirect_uri"]
    assert "Спасибо" in shop.visitor.post(address).text
    shop.do("market.get")
    assert shop.refused("market.search")[0] == 9


def test_a_fault_waits_for_the_call_it_is_meant_for(shop: Shop) -> None:
    shop.vk.faults.refuse(10, "market.get", nth=3, times=1)
    assert ["error" in shop.call("market.get", owner_id=shop.owner_id) for _ in range(4)] == [
        False,
        False,
        True,
        False,
    ]


@pytest.mark.parametrize("how", ["cut", "status_500", "silence", "truncated", "garbage", "html_body"])
def test_an_answer_is_lost_after_the_work_is_done(shop: Shop, how: str) -> None:
    fields = shop.fields(sku="lost")
    shop.vk.faults.lose("market.add", how=how, seconds=0.01)
    form = {"access_token": shop.token, "v": "5.199", "owner_id": shop.owner_id, **fields}
    with running(shop.visitor.application) as url:
        try:
            answer = requests.post(f"{url}/vk-api/method/market.add", data=form, timeout=5)
            assert (
                answer.status_code == 500 or "market_item_id" not in answer.text[:100] or how == "truncated"
            )
            with pytest.raises(ValueError):
                answer.json()
        except requests.ConnectionError:
            assert how in ("cut", "silence")
    assert len(shop.market.with_sku("lost")) == 1


@pytest.mark.parametrize("how", ["status_500", "status_502", "html_body", "garbage"])
def test_a_trouble_before_the_work_leaves_it_undone(shop: Shop, how: str) -> None:
    shop.vk.faults.add(how, method="market.add", times=1)
    form = {"access_token": shop.token, "v": "5.199", "owner_id": shop.owner_id, **shop.fields()}
    shop.visitor.post("/vk-api/method/market.add", data=form)
    assert not shop.market.items


def test_an_error_may_come_after_the_work_too(shop: Shop) -> None:
    shop.vk.faults.refuse(10, "market.add", times=1, done=True)
    assert shop.refused("market.add", **shop.fields())[0] == 10
    assert len(shop.market.items) == 1


def test_an_execute_is_broken_off_at_the_call_that_is_lost(shop: Shop) -> None:
    adds = [
        ("market.add", {"owner_id": shop.owner_id, **shop.fields(sku=f"s{number}")}) for number in range(4)
    ]
    shop.vk.faults.lose("market.add", nth=2, how="status_500")
    code = ", ".join(f"API.{method}({json.dumps(params)})" for method, params in adds)
    form = {"access_token": shop.token, "v": "5.199", "code": f"return [{code}];"}
    assert shop.visitor.post("/vk-api/method/execute", data=form).status_code == 500
    assert [item.sku for item in shop.market.living()] == ["s1", "s0"]


def test_the_answer_of_a_whole_execute_is_lost(shop: Shop) -> None:
    shop.vk.faults.lose("execute", how="status_500")
    add = {"owner_id": shop.owner_id, **shop.fields()}
    form = {"access_token": shop.token, "v": "5.199", "code": f"return [API.market.add({json.dumps(add)})];"}
    assert shop.visitor.post("/vk-api/method/execute", data=form).status_code == 500
    assert len(shop.market.items) == 1


def test_a_gigantic_answer_is_as_large_as_told(shop: Shop) -> None:
    shop.vk.faults.add("gigantic", method="market.get", megabytes=2)
    form = {"access_token": shop.token, "v": "5.199", "owner_id": shop.owner_id}
    answer = shop.visitor.post("/vk-api/method/market.get", data=form)
    assert len(answer.data) > 2 * 1024 * 1024 and json.loads(answer.data)["response"]["count"] == 0


def test_uploads_fail_like_methods(shop: Shop) -> None:
    shop.vk.faults.refuse(10, "upload", times=1, message="ERR_UPLOAD_FILE_NOT_UPLOADED: try again")
    assert "ERR_UPLOAD_FILE_NOT_UPLOADED: try again" in shop.upload(b"x")
    shop.vk.faults.add("foreign_upload_url", method="market.getProductPhotoUploadServer", times=1)
    assert shop.upload_url() == "http://elsewhere.invalid/upload"


def read(shop: Shop, fault: str, **params: Any) -> Any:
    shop.vk.faults.clear()
    if fault:
        shop.vk.faults.add(fault)
    return shop.do("market.get", extended="1", **params)


def test_answers_come_in_odd_shapes(shop: Shop) -> None:
    fill(shop.vk, shop.community.id, 3, sku='"{}"')
    good = read(shop, "")
    assert read(shop, "lying_count")["count"] == good["count"] + 7
    assert read(shop, "empty_page")["items"] == [] and read(shop, "empty_page")["count"] == 3
    assert [item["id"] for item in read(shop, "ids_as_strings")["items"]] == ["3", "2", "1"]
    assert read(shop, "ids_not_numbers")["items"][0]["id"] == "item3"
    assert not {"sku", "photos", "description"} & read(shop, "absent_fields")["items"][0].keys()


def test_pages_shift_while_somebody_reads(shop: Shop) -> None:
    fill(shop.vk, shop.community.id, 6)

    def pages(fault: str) -> list[list[int]]:
        return [
            [item["id"] for item in read(shop, fault, count=3, offset=offset)["items"]] for offset in (0, 3)
        ]

    assert pages("") == [[6, 5, 4], [3, 2, 1]]
    assert pages("page_repeats_item") == [[6, 5, 4], [4, 3, 2]]
    assert pages("page_skips_item") == [[6, 5, 4], [2, 1]]


def test_shapes_reach_the_calls_inside_of_an_execute(shop: Shop) -> None:
    shop.add(name="Чай & мята")
    shop.vk.faults.add("escaped_texts")
    answer = shop.script(("market.get", {"owner_id": shop.owner_id}))
    assert answer["response"][0]["items"][0]["title"] == "Чай &amp; мята"


@pytest.mark.parametrize(
    "wrong",
    [{"name": "mood"}, {"name": "cut", "when": 1}, {"name": "cut", "nth": 0}, {"name": "cut", "times": 0}],
)
def test_a_fault_that_does_not_exist_is_a_value_error(shop: Shop, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        shop.vk.faults.add(**wrong)


def test_every_fault_has_a_name_for_people(shop: Shop) -> None:
    assert all(kind.title for kind in KINDS.values())
    shop.vk.faults.add("cut")
    shop.vk.clear()
    assert not shop.vk.faults.active()
