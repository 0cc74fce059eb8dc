"""The real client against the stand-in cloud: every variant of a good answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest

from app.clients.errors import NotFound, Unauthorized
from app.clients.evotor.client import Group, Product, Store, read_sent
from tests.clients.conftest import OTHER_STORE, STORE, TOKEN, Cloud

Goods = Callable[[Iterator[list[Any]]], list[str]]


def test_stores_groups_and_products_come_typed(cloud: Cloud) -> None:
    shop = cloud.merchant.stores[STORE]
    shop.groups.put({"id": "g1", "name": "Чай", "parent_id": "g0", "attributes": [{"id": "a"}]})
    shop.products.put({"id": "p1", "name": "Пуэр", "parent_id": "g1", "price": 350, "quantity": -0.125})
    client = cloud.client()
    assert client.stores() == [
        Store(STORE, "Кофейня на Мира", "г. Казань, пр. Мира, 1", cloud.merchant.id),
        Store(OTHER_STORE, "Склад", None, cloud.merchant.id),
    ]
    assert list(client.product_groups(STORE)) == [[Group("g1", "Чай", "g0")]]
    product = Product(
        "p1", "Пуэр", "g1", Decimal("350.00"), Decimal("-0.125"), None, None, None, None, (), None, None
    )
    ((read,),) = [read_sent(page) for page in client.products(STORE)]
    assert read._replace(type=None, measure_name=None) == product


def test_an_account_without_stores_is_empty(cloud: Cloud) -> None:
    cloud.world.add_merchant("another-token")
    assert cloud.client("another-token").stores() == []


def test_the_same_id_in_two_stores_is_two_things(cloud: Cloud) -> None:
    for store, name in ((STORE, "Чай"), (OTHER_STORE, "Кофе")):
        cloud.merchant.stores[store].products.put({"id": "same", "name": name})
    client = cloud.client()
    pages = [page for store in (STORE, OTHER_STORE) for page in client.products(store)]
    assert [read.name for page in pages for read in read_sent(page)] == ["Чай", "Кофе"]


@pytest.mark.parametrize("list_end", ["empty_paging", "null_cursor", "empty_cursor", "no_paging"])
def test_every_form_of_the_last_page_ends_the_list(cloud: Cloud, goods: Goods, list_end: str) -> None:
    cloud.manners(list_end=list_end, page_size=2)
    cloud.fill(5)
    assert goods(cloud.client().products(STORE)) == [f"p{number:04d}" for number in range(5)]


@pytest.mark.parametrize(
    "content_type",
    [
        "application/vnd.evotor.v2+json",
        "application/vnd.evotor.v2+json;charset=UTF-8",
        "application/json",
        "application/json;charset=UTF-8",
    ],
)
def test_every_media_type_is_read(cloud: Cloud, content_type: str) -> None:
    cloud.manners(content_type=content_type)
    assert len(cloud.client().stores()) == 2


def test_pages_are_followed_by_the_cursor_alone(cloud: Cloud) -> None:
    cloud.manners(page_size=1)
    cloud.fill(3)
    assert [len(page) for page in cloud.client().products(STORE)] == [1, 1, 1]
    queries = [sorted(entry.query) for entry in cloud.world.journal.entries()]
    assert queries == [[], ["cursor"], ["cursor"]]


def test_an_empty_page_with_a_cursor_is_not_the_end(cloud: Cloud, goods: Goods) -> None:
    cloud.fill(3)
    cloud.world.faults.add("empty_page", resource="products")
    assert len(goods(cloud.client().products(STORE))) == 3


def test_a_thousand_goods_fill_a_page(cloud: Cloud) -> None:
    cloud.fill(1001)
    assert [len(page) for page in cloud.client().products(STORE)] == [1000, 1]


def test_bearer_is_kept_when_it_works(cloud: Cloud) -> None:
    client = cloud.client()
    client.stores()
    assert client.auth_scheme == "bearer"
    assert cloud.requests() == ["bearer 200"]


def test_the_other_form_is_tried_once_and_remembered(cloud: Cloud) -> None:
    cloud.manners(auth="x-authorization")
    client = cloud.client()
    client.stores()
    client.stores()
    assert client.auth_scheme == "x-authorization"
    assert cloud.requests() == ["bearer 401", "x-authorization 200", "x-authorization 200"]


def test_a_remembered_form_is_used_at_once(cloud: Cloud) -> None:
    cloud.manners(auth="x-authorization")
    cloud.client(auth_scheme="x-authorization").stores()
    assert cloud.requests() == ["x-authorization 200"]


def test_a_wrong_token_is_refused_after_both_forms(cloud: Cloud) -> None:
    client = cloud.client("wrong")
    for _ in range(2):
        with pytest.raises(Unauthorized) as refused:
            client.stores()
        assert (refused.value.status, refused.value.permanent) == (401, True)
    assert cloud.requests() == ["bearer 401", "x-authorization 401", "bearer 401"]
    assert client.auth_scheme == "bearer"
    assert cloud.waits == []


def test_a_form_that_worked_is_not_doubted_later(cloud: Cloud) -> None:
    client = cloud.client()
    client.stores()
    cloud.world.revoke(TOKEN)
    with pytest.raises(Unauthorized):
        client.stores()
    assert cloud.requests() == ["bearer 200", "bearer 401"]


def test_blanks_around_a_pasted_token_do_not_matter(cloud: Cloud) -> None:
    assert len(cloud.client(f"  {TOKEN}\n").stores()) == 2


@pytest.mark.parametrize("token", ["", " ", "мой токен", "two words", "line\nbreak", "nul\0"])
def test_a_token_that_cannot_be_one_is_refused_unsent(cloud: Cloud, token: str) -> None:
    with pytest.raises(Unauthorized):
        cloud.client(token).stores()
    assert cloud.requests() == []


@pytest.mark.parametrize("id", ["нет", "a/b", "a?b#c", "%2e", "..", ".", ""])
def test_an_id_cannot_lead_to_another_address(cloud: Cloud, id: str) -> None:
    client = cloud.client()
    with pytest.raises(NotFound):
        list(client.products(id))


def test_one_client_serves_several_threads(cloud: Cloud, goods: Goods) -> None:
    cloud.manners(page_size=5, auth="x-authorization")
    cloud.fill(40)
    cloud.fill(40, OTHER_STORE)
    client = cloud.client()
    with ThreadPoolExecutor(4) as pool:
        lists = list(pool.map(lambda store: goods(client.products(store)), [STORE, OTHER_STORE] * 4))
    assert all(ids == [f"p{number:04d}" for number in range(40)] for ids in lists)
    assert client.auth_scheme == "x-authorization"


def test_a_closed_client_opens_again_when_it_is_needed(cloud: Cloud) -> None:
    with cloud.client() as client:
        client.stores()
    assert len(client.stores()) == 2
