"""The control desk: what a visitor clicks and what a test posts both reach the cloud."""

import json
import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from sandbox import create_app
from sandbox.shop import DEMO_TOKEN
from sandbox.world import Merchant, World

from .conftest import STORE, TOKEN, Ask


def test_the_desk_shows_stores_goods_faults_and_requests(
    visitor: FlaskClient, ask: Ask, world: World
) -> None:
    ask("/stores")
    world.faults.add("status_402", store=STORE)
    page = visitor.get("/__sandbox__/").text
    for text in ("Лавка", "Товар 5", "402: приложение не оплачено", "GET /evotor/stores", "bearer"):
        assert text in page
    assert TOKEN not in page


def test_the_desk_of_the_demo_names_its_token() -> None:
    assert DEMO_TOKEN in create_app().test_client().get("/__sandbox__/").text


def test_the_desk_of_an_empty_world_opens() -> None:
    assert create_app(World()).test_client().get("/__sandbox__/").status_code == 200


def test_the_desk_runs_no_scripts_and_loads_nothing_foreign(visitor: FlaskClient, world: World) -> None:
    world.merchants()[0].stores[STORE].products.put({"id": "x", "name": "<script>alert(1)</script>"})
    answer = visitor.get("/__sandbox__/")
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "<script" not in answer.text
    assert not re.search(r"(href|src|action)=\"(https?:)?//", answer.text)
    assert not re.search(r"\s(style|on\w+)=", answer.text)
    for asset in re.findall(r"href=\"(/__sandbox__/static/[^\"]+)\"", answer.text):
        assert visitor.get(asset, buffered=True).status_code == 200


def test_a_visitor_changes_a_product(visitor: FlaskClient, products: Ask) -> None:
    form = {"id": "p1", "name": "Чай новый", "price": "1 200,50", "quantity": "−3,25", "q": "чай"}
    answer = visitor.post("/__sandbox__/products/change", data=form, follow_redirects=True)
    assert "Товар изменён" in answer.text
    item = products().json["items"][0]
    assert (item["name"], item["price"], item["quantity"]) == ("Чай новый", 1200.5, -3.25)


def test_a_name_of_two_lines_outlives_a_change_of_price(visitor: FlaskClient, merchant: Merchant) -> None:
    shelf = merchant.stores[STORE].products
    shelf.change("p1", {"name": " Чай\nвторая строка"})
    visitor.post("/__sandbox__/products/change", data={"id": "p1", "name": "Чайвторая строка", "price": "7"})
    assert (shelf.get("p1") or {})["name"] == " Чай\nвторая строка"
    assert (shelf.get("p1") or {})["price"] == 7


def test_an_emptied_field_becomes_absent(visitor: FlaskClient, products: Ask) -> None:
    visitor.post(
        "/__sandbox__/products/change", data={"id": "p1", "name": "Чай", "price": "", "quantity": ""}
    )
    assert "price" not in products().json["items"][0]


def test_a_price_that_is_no_number_changes_nothing(visitor: FlaskClient, products: Ask) -> None:
    form = {"id": "p1", "name": "Чай", "price": "дорого", "quantity": ""}
    assert (
        "Цена и количество"
        in visitor.post("/__sandbox__/products/change", data=form, follow_redirects=True).text
    )
    assert products().json["items"][0]["name"] == "Товар 1"


def test_a_visitor_takes_a_product_away_and_returns_it(visitor: FlaskClient, products: Ask) -> None:
    visitor.post("/__sandbox__/products/delete", data={"id": "p1"})
    assert "p1" not in {item["id"] for item in products().json["items"]}
    assert "Вернуть: Товар 1" in visitor.get("/__sandbox__/").text
    visitor.post("/__sandbox__/products/restore", data={"id": "p1"})
    assert "p1" in {item["id"] for item in products().json["items"]}


def test_a_visitor_adds_a_product_to_a_group(visitor: FlaskClient, products: Ask, merchant: Merchant) -> None:
    visitor.post(
        "/__sandbox__/products/add", data={"name": "Мята", "price": "90", "quantity": "4", "group": "g1"}
    )
    item = products().json["items"][-1]
    assert (item["name"], item["price"], item["parent_id"], item["store_id"]) == ("Мята", 90, "g1", STORE)


def test_a_visitor_switches_a_fault_on_and_off(visitor: FlaskClient, products: Ask, world: World) -> None:
    visitor.post("/__sandbox__/faults/add", data={"name": "status_402", "where": STORE, "times": ""})
    assert products().status_code == 402
    visitor.post("/__sandbox__/faults/clear", data={"id": str(world.faults.active()[0].id)})
    assert products().status_code == 200


@pytest.mark.parametrize("times", ["", "0", "-1", "1", "many"])
def test_any_number_of_times_the_form_sends_is_survived(
    visitor: FlaskClient, world: World, times: str
) -> None:
    visitor.post("/__sandbox__/faults/add", data={"name": "status_500", "times": times})
    assert world.faults.active()[0].times == (1 if times == "1" else None)


def test_another_site_cannot_change_the_sandbox(visitor: FlaskClient) -> None:
    answer = visitor.post("/__sandbox__/reset", headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403


def test_what_is_unknown_is_404(visitor: FlaskClient) -> None:
    for action in ("change", "delete", "restore"):
        assert (
            visitor.post(f"/__sandbox__/products/{action}", data={"id": "zzz", "name": "Чай"}).status_code
            == 404
        )
    assert visitor.post("/__sandbox__/faults/add", data={"name": "zzz"}).status_code == 404


def test_the_api_adds_a_merchant_with_stores_of_ones_own(api: Ask, world: World) -> None:
    store = {"id": "s", "name": "Свой", "products": [{"id": "1", "name": "Чай", "price": None}]}
    answer = api("/merchants", token="own", stores=[store], settings={"auth": "raw"})
    assert answer.status_code == 200
    merchant = world.merchant_of("own")
    assert merchant
    assert merchant.manners.auth == "raw"
    assert merchant.stores["s"].products.get("1") == {"id": "1", "name": "Чай", "price": None}


def test_the_api_adds_a_generated_merchant(api: Ask) -> None:
    assert [
        store["products"] for store in api("/merchants", token="big", goods=2500, stores=2).json["stores"]
    ] == [1250, 1250]


def test_the_api_changes_goods_and_groups(api: Ask, ask: Ask, products: Ask) -> None:
    place = {"token": TOKEN, "store": STORE}
    api("/products/patch", **place, id="p1", fields={"price": "странно", "barcodes": None}, drop=["name"])
    item = products().json["items"][0]
    assert (item["price"], item["barcodes"], "name" in item) == ("странно", None, False)
    api("/products/delete", **place, id="p2")
    api("/products/put", **place, item={"id": "p9", "name": "Девятый"})
    assert [each["id"] for each in products().json["items"]] == ["p1", "p3", "p4", "p5", "p9"]
    api("/groups/patch", **place, id="g1", fields={"parent_id": "g2"})
    assert ask(f"/stores/{STORE}/product-groups/g1").json["parent_id"] == "g2"


def test_the_api_switches_faults_tokens_and_settings(api: Ask, ask: Ask) -> None:
    api("/faults", name="status_503", token=TOKEN, resource="stores", times=1)
    assert [ask("/stores").status_code for _ in range(2)] == [503, 200]
    api("/settings", token=TOKEN, settings={"auth": "x-authorization"})
    assert ask("/stores").status_code == 401
    api("/settings", token=TOKEN, settings={"auth": "any"})
    api("/tokens", token=TOKEN, new_token="second")
    api("/tokens/revoke", token=TOKEN)
    assert ask("/stores").status_code == 401
    api("/reset")
    assert ask("/stores").status_code == 200


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/merchants", {}),
        ("/merchants", {"token": TOKEN}),
        ("/merchants", {"token": "Ключ"}),
        ("/faults", {"name": "nothing of the kind"}),
        ("/faults", {"name": "slow", "token": "unknown"}),
        ("/settings", {"token": TOKEN, "settings": {"auth": "smile"}}),
        ("/settings", {"token": TOKEN, "settings": {"mood": "good"}}),
        ("/products/patch", {"token": TOKEN, "store": "unknown", "id": "p1"}),
        ("/products/delete", {"token": TOKEN, "store": STORE, "id": "unknown"}),
    ],
)
def test_a_wrong_call_of_the_api_says_what_is_wrong(api: Ask, path: str, body: dict[str, object]) -> None:
    answer = api(path, **body)
    assert answer.status_code == 400
    assert answer.json["error"]


def test_the_api_lists_requests_without_tokens(visitor: FlaskClient, ask: Ask, api: Ask) -> None:
    ask("/stores")
    [entry] = json.loads(visitor.get("/__sandbox__/api/requests").data)["requests"]
    assert (entry["method"], entry["path"], entry["auth"], entry["status"]) == (
        "GET",
        "/evotor/stores",
        "bearer",
        200,
    )
    assert TOKEN not in str(entry)
    api("/requests/clear")
    assert json.loads(visitor.get("/__sandbox__/api/requests").data) == {"requests": []}


def test_the_sandbox_shares_no_code_with_the_product() -> None:
    for file in Path(create_app().root_path).glob("**/*.py"):
        assert not re.search(r"^\s*(from|import) app\b", file.read_text(), re.M), file
