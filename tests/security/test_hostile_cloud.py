"""What a cloud says is text: it makes no element, no formula, no header and no request of ours."""

import csv
import io
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
import requests
from sqlalchemy.orm import Session

from app.mirror.models import CachedGroup
from sandbox.vk.world import Community, Person
from sandbox.world import Merchant, World
from tests.checking_client import CheckedResponse, CheckingClient
from tests.connections.vk.conftest import choose, connect, maria, teahouse, vk
from tests.owners import DEMO_TOKEN, Owner
from tests.publishing.conftest import Publishing, publishing
from tests.stock import Stock, group, product

__all__ = ["maria", "publishing", "teahouse", "vk"]

# Each breaks out of another place: text, an attribute in either quotes, a comment, a template, JSON.
MARKUP = [
    "<i data-hostile>x</i>",
    '"><i data-hostile onmouseover=alert(1)>',
    "'><i data-hostile style=color:red>",
    "--></title></script><i data-hostile>",
    "{{ 7 * 7 }}{% raw %}<i data-hostile>",
    'x" autofocus data-hostile onfocus="alert(1)',
    '{"a":1}\\"<i data-hostile>',
]
FORMULAS = ["=1+1", "+1", "-1+1", "@SUM(A1)", "\t=1+1", " =1+1", '=HYPERLINK("http://evil.example")']
ADDRESSES = [
    "javascript:alert(1)",
    "//evil.example/x.png",
    "http://evil.example/",
    "data:text/html,<i>",
    "\\\\evil",
]


def fill(merchant: Merchant, payload: str) -> str:
    """Give the merchant a store whose every field is `payload`; return its id."""
    # The clouds put ids into addresses, where a slash would end them.
    inside = payload.replace("/", "|")
    store_id = f"store {inside}"
    store = merchant.add_store({"id": store_id, "name": payload, "address": payload})
    group_id = f"group {inside}"
    store.groups.put({"id": group_id, "name": payload})
    store.groups.put({"id": f"sub{group_id}", "name": payload, "parent_id": group_id})
    texts = ("measure_name", "article_number", "code", "description", "type")
    item: dict[str, Any] = {"id": f"product {inside}", "name": payload, "parent_id": group_id, "price": 1}
    store.products.put({**item, **dict.fromkeys(texts, payload), "barcodes": [payload], "quantity": 1})
    return store_id


HISTORY = "/sync/history?kind=rules"
# What shows goods, groups or stores of all of them.
TELLING = (
    *("/catalog", HISTORY, "/catalog/all", "/catalog/all?q=hostile", "/catalog/photos/take?q=hostile"),
    *("/sync", "/sync/rules", "/sync/settings/groups"),
)
EVERYWHERE = (*TELLING, "/catalog/new", "/connections", "/sync/conditions", "/sync/stale/clear")


def addresses(store_id: str, group_id: str, group_row: int) -> list[str]:
    in_store, in_group = {"store_id": store_id}, {"store_id": store_id, "group_id": group_id}
    return [
        f"/catalog/groups?{urlencode(in_store)}",
        f"/catalog/products?{urlencode({**in_store, 'q': group_id})}",
        f"/catalog/products?{urlencode(in_store)}",
        f"/catalog/products?{urlencode(in_group)}",
        f"/catalog/published?{urlencode(in_store)}",
        f"/catalog/group/{group_row}",
        f"/catalog/rule/group/{group_row}",
        f"/catalog/tree?{urlencode(in_group)}",
        f"/catalog/product?{urlencode({**in_store, 'product_id': store_id.replace('store', 'product', 1)})}",
        f"/catalog/photos?{urlencode(in_group)}",
    ]


def refreshed_with(alice: Owner, world: World, run_jobs: Callable[[], None], names: list[str]) -> list[str]:
    """Fill a store with each of the names and bring them all into Alice's catalogue; give the stores' ids."""
    merchant = world.merchant_of(DEMO_TOKEN)
    assert merchant is not None
    store_ids = [fill(merchant, name) for name in names]
    alice.connect_evotor()
    alice.client.post("/catalog/refresh")
    run_jobs()
    return store_ids


def assert_is_only_text(answer: CheckedResponse) -> None:
    assert answer.status_code < 500
    if answer.mimetype == "text/html" and answer.data:
        assert answer.page.select("//*[@data-hostile] | //i") == []
        assert "49<i" not in answer.text


def test_names_and_ids_of_goods_make_no_element_on_any_page(
    alice: Owner,
    world: World,
    run_jobs: Callable[[], None],
    db_session: Session,
    subtests: pytest.Subtests,
) -> None:
    stores = refreshed_with(alice, world, run_jobs, MARKUP)
    for payload, store_id in zip(MARKUP, stores, strict=True):
        with subtests.test(payload):
            group_id = store_id.replace("store", "group", 1)
            row = db_session.query(CachedGroup).filter_by(user_id=alice.id, evotor_id=group_id).one()
            for kind, entity_id in (
                ("store", store_id),
                ("group", group_id),
                ("product", store_id.replace("store", "product", 1)),
            ):
                rule = {"entity_type": kind, "entity_id": entity_id, "entity_name": payload}
                for send in (alice.client.post, alice.client.htmx_post):
                    changed = send(
                        "/catalog/filter", data={**rule, "store_id": store_id, "filter_mode": "exclude"}
                    )
                    assert changed.status_code in (200, 303)
                    assert_is_only_text(changed)
            shown = 0
            for address in addresses(store_id, group_id, row.id):
                for get in (alice.client.get, alice.client.htmx_get):
                    answer = get(address)
                    assert_is_only_text(answer)
                    shown += answer.status_code == 200 and "hostile" in answer.text
            assert shown >= 8, "the payload did come to the pages"
            list_of_goods = urlencode({"type": "products", "store_id": store_id})
            in_bulk = {"scope": "found", "filter_mode": "include"}
            assert_is_only_text(alice.client.post(f"/catalog/bulk?{list_of_goods}", data=in_bulk))
    for address in EVERYWHERE:
        for get in (alice.client.get, alice.client.htmx_get):
            answer = get(address)
            assert_is_only_text(answer)
            if address in TELLING:
                assert answer.text.count("hostile") >= len(MARKUP), address


def test_no_field_of_the_goods_becomes_a_formula(
    alice: Owner, world: World, run_jobs: Callable[[], None]
) -> None:
    stores = refreshed_with(alice, world, run_jobs, FORMULAS)
    for store_id in stores:
        rule = {"entity_type": "store", "entity_id": store_id, "store_id": store_id}
        excluded = alice.client.post("/catalog/filter", data={**rule, "filter_mode": "exclude"})
        assert excluded.status_code == 303
    files = [
        f"/catalog/export?{urlencode({'type': kind, 'store_id': store_id})}"
        for store_id in stores
        for kind in ("groups", "products")
    ]
    for address in (*files, "/catalog/export?type=stores", "/sync/rules/export"):
        for dialect in ("csv", "csv-ru"):
            answer = alice.client.get(f"{address}{'&' if '?' in address else '?'}format={dialect}")
            assert answer.status_code == 200
            text = answer.data.decode("utf-8-sig")
            separator = ";" if text.splitlines()[0].count(";") else ","
            rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
            assert len(rows) > 1
            for row in rows:
                for cell in row:
                    is_number = cell.replace(",", ".").lstrip("-").replace(".", "", 1).isdecimal()
                    assert is_number or not cell.strip()[:1] or cell.strip()[0] not in "=+-@", (address, cell)
            assert "evil" not in answer.headers["Content-Disposition"]


@pytest.mark.parametrize("payload", MARKUP)
def test_names_in_vk_make_no_element(alice: Owner, maria: Person, teahouse: Community, payload: str) -> None:
    maria.first_name = maria.last_name = teahouse.name = teahouse.screen_name = payload
    connect(alice, maria)
    pages = [alice.client.get("/connections/vk/community")]
    choose(alice, teahouse.id)
    pages += [alice.client.get(path) for path in ("/connections", "/sync", "/connections/vk/delete")]
    pages.append(alice.check("vk"))
    for page in pages:
        assert_is_only_text(page)
    assert sum("hostile" in page.text for page in pages) >= 2


def test_names_of_goods_make_no_element_on_the_pages_of_publication(
    publishing: Publishing, stock: Stock
) -> None:
    names = [f"{number} {name}" for number, name in enumerate(MARKUP)]
    stock.put(
        name=MARKUP[0],
        groups=[group("g1", MARKUP[1])],
        products=[
            product(f"p{number}", name, "g1", price=100, quantity=1) for number, name in enumerate(names)
        ],
    )
    # One that may be ours, and others that are not.
    for name in (names[0], *(f"Чужое {name}" for name in names)):
        publishing.market.add_item(name)
    publishing.read()
    client = publishing.owner.client
    before = [client.get(address) for address in ("/sync/plan", "/sync/listings", "/sync/settings")]
    run = publishing.publish()
    assert len(publishing.items) == len(names) - 1
    after = (f"/sync/publish/{run.id}", "/sync/listings", "/catalog/products?store_id=s1")
    shown = [*before, *(client.get(address) for address in after)]
    for page in shown:
        assert_is_only_text(page)
        assert "data-hostile" in page.text, page.request.path
    assert sum(page.text.count("data-hostile") >= len(MARKUP) for page in shown) >= 4


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_picture_from_vk_is_fetched_over_https_or_not_at_all(
    alice: Owner, maria: Person, teahouse: Community, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for kind in (Person, Community):
        monkeypatch.setattr(kind, "photo", property(lambda _: address))
    connect(alice, maria, teahouse)
    for path in ("/connections", "/connections/vk/community"):
        assert address not in alice.client.get(path).page.select("//@src | //@href")


@pytest.mark.parametrize("payload", MARKUP)
def test_what_comes_back_from_vk_id_in_the_address_is_only_text(
    client: CheckingClient, alice: Owner, payload: str
):
    for query in (
        {"error": "access_denied", "error_description": payload, "state": payload},
        {"code": payload, "state": payload, "device_id": payload},
        {"error": payload},
    ):
        assert_is_only_text(alice.client.get("/connections/vk/callback", query_string=query))


def test_requests_go_to_the_clouds_of_the_settings_and_nowhere_else(
    alice: Owner,
    world: World,
    sandbox_url: str,
    run_jobs: Callable[[], None],
    maria: Person,
    teahouse: Community,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hosts: set[str] = set()
    send = requests.Session.send

    def noted(self: requests.Session, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        hosts.add(urlsplit(request.url or "").netloc)
        return send(self, request, **kwargs)

    monkeypatch.setattr(requests.Session, "send", noted)
    merchant = world.merchant_of(DEMO_TOKEN)
    assert merchant is not None
    elsewhere = "@127.0.0.1:9/evil"
    for name in (
        "http://127.0.0.1:9/",
        elsewhere,
        "/../../evil",
        "\\127.0.0.1:9",
        "?x=#",
        "%2e%2e/%0d%0aHost: x",
    ):
        fill(merchant, name)
        alice.client.post("/connections/evotor", data={"token": name})
        alice.client.get(
            "/connections/vk/callback", query_string={"code": name, "state": name, "device_id": name}
        )
    alice.connect_evotor()
    alice.client.post("/catalog/refresh")
    run_jobs()
    connect(alice, maria, teahouse)
    alice.check("evotor")
    alice.check("vk")
    # The owner's browser goes to the consent page; the test plays it with the same library.
    assert hosts == {urlsplit(sandbox_url).netloc}


def test_a_push_names_stores_that_lead_nowhere(
    client: CheckingClient, world: World, sandbox_url: str
) -> None:
    merchant = world.merchant_of(DEMO_TOKEN)
    assert merchant is not None
    headers = {"Authorization": "Bearer evotor-app-secret", "X-Evotor-User-Id": merchant.id}
    for store in ("..%2f..%2fevil", "http:%2f%2fevil.example", "%0d%0aHost:%20x"):
        path = f"/inventories/stores/{store}/products"
        answer = client.open(path, method="POST", data=json.dumps([{"uuid": "1"}]), headers=headers)
        assert answer.status_code in (200, 400, 404)
