"""The real client against the stand-in cloud with its faults switched on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from app.clients import errors
from app.clients.errors import BadPayload, CloudError, RateLimited, Unauthorized, Unavailable
from sandbox.faults import FAULTS
from tests.clients.conftest import OTHER_STORE, STORE, Cloud

Goods = Callable[[Iterator[list[Any]]], list[str]]

# What the goods of a store end in while the fault lasts: the error, its status, and whether it is permanent.
FAILURES: dict[str, tuple[type[CloudError], int | None, bool]] = {
    "status_400": (errors.BadRequest, 400, True),
    "status_401": (errors.Unauthorized, 401, True),
    "status_402": (errors.PaymentRequired, 402, True),
    "status_403": (errors.Forbidden, 403, True),
    "status_404": (errors.NotFound, 404, True),
    "status_422": (errors.BadRequest, 422, True),
    "status_429": (errors.RateLimited, 429, False),
    "status_500": (errors.Unavailable, 500, False),
    "status_502": (errors.Unavailable, 502, False),
    "status_503": (errors.Unavailable, 503, False),
    "revoked_token": (errors.Unauthorized, 401, True),
    "redirect": (errors.BadPayload, 302, False),
    "timeout": (errors.Unavailable, None, False),
    "truncated": (errors.Unavailable, None, False),
    "connection_reset": (errors.Unavailable, None, False),
    "html_body": (errors.BadPayload, None, False),
    "invalid_json": (errors.BadPayload, None, False),
    "nested_body": (errors.BadPayload, None, False),
    "wrong_types": (errors.BadPayload, None, False),
    "items_not_list": (errors.BadPayload, None, False),
    "repeated_cursor": (errors.BadPayload, None, False),
    "gigantic_body": (errors.BadPayload, None, False),
}

# Faults that make a good answer with other content: the ids that are read from two pages of two goods.
OTHER_CONTENT = {
    "slow": ["p0000", "p0001", "p0002", "p0003"],
    "empty_page": ["p0000", "p0001", "p0002", "p0003"],
    "missing_paging": ["p0000", "p0001"],
    "repeated_item": ["p0000", "p0001", "p0000", "p0002", "p0003", "p0002"],
    "no_stores": [],
    "other_ids": ["Np0000", "Np0001", "Np0002", "Np0003"],
    "no_parents": ["p0000", "p0001", "p0002", "p0003"],
    "other_parents": ["p0000", "p0001", "p0002", "p0003"],
    "no_names": ["p0000", "p0001", "p0002", "p0003"],
    "no_types": ["p0000", "p0001", "p0002", "p0003"],
    "no_prices": ["p0000", "p0001", "p0002", "p0003"],
    "all_ordinary": ["p0000", "p0001", "p0002", "p0003"],
    "no_stock": ["p0000", "p0001", "p0002", "p0003"],
    "no_units": ["p0000", "p0001", "p0002", "p0003"],
    "no_words_on_sale": ["p0000", "p0001", "p0002", "p0003"],
    "no_barcodes": ["p0000", "p0001", "p0002", "p0003"],
    "unknown_store": ["20200101-0000-4000-8000-000000000000"],
    "emptied_store": [],
    "of_next_store": [],
}


def test_every_fault_of_the_cloud_is_tried_here() -> None:
    assert set(FAULTS) <= FAILURES.keys() | OTHER_CONTENT.keys()


@pytest.mark.parametrize("fault", FAILURES)
def test_a_fault_ends_in_its_error_and_spares_the_other_store(cloud: Cloud, goods: Goods, fault: str) -> None:
    cloud.manners(page_size=2)
    cloud.fill(4)
    cloud.fill(1, OTHER_STORE)
    cloud.world.faults.add(fault, store=STORE, resource="products", megabytes=66)
    # Only a cloud that hangs is given up soon: a busy machine may be slow with an honest answer.
    client = cloud.client(timeout=(1, 0.15 if fault == "timeout" else 10))
    error, status, permanent = FAILURES[fault]
    with pytest.raises(error) as failure:
        goods(client.products(STORE))
    assert type(failure.value) is error
    assert (failure.value.status, failure.value.permanent) == (status, permanent)
    assert STORE in failure.value.detail or error is BadPayload
    passing = error in (Unavailable, RateLimited)
    assert len(cloud.waits) == (3 if passing else 0)
    if fault != "revoked_token":
        assert goods(client.products(OTHER_STORE)) == ["p0000"]


@pytest.mark.parametrize("fault", OTHER_CONTENT)
def test_a_fault_in_the_content_is_read_as_it_stands(cloud: Cloud, goods: Goods, fault: str) -> None:
    cloud.manners(page_size=2)
    cloud.fill(4)
    cloud.world.faults.add(fault, seconds=0.05)
    client = cloud.client()
    is_of_stores = FAULTS[fault].resource == "stores"
    read = [store.id for store in client.stores()] if is_of_stores else goods(client.products(STORE))
    assert read == OTHER_CONTENT[fault]


def test_a_store_listed_twice_is_one_store(cloud: Cloud) -> None:
    cloud.world.faults.add("repeated_item", resource="stores")
    assert [store.id for store in cloud.client().stores()] == [STORE, OTHER_STORE]


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_three_failures_are_survived(cloud: Cloud, status: int) -> None:
    cloud.world.faults.add(f"status_{status}", times=3)
    assert len(cloud.client().stores()) == 2
    assert len(cloud.waits) == 3


@pytest.mark.parametrize("fault", ["truncated", "connection_reset", "timeout"])
def test_one_broken_answer_is_survived(cloud: Cloud, fault: str) -> None:
    cloud.world.faults.add(fault, times=1)

    def be_patient(seconds: float) -> None:
        client._http._timeout = (60, 60)

    client = cloud.client(timeout=(60, 0.15 if fault == "timeout" else 60), sleep=be_patient)
    assert len(client.stores()) == 2


def test_a_broken_cloud_is_asked_again_before_the_rate_window_ends(cloud: Cloud) -> None:
    cloud.manners(rate_window=50)
    cloud.world.faults.add("status_503", times=3)
    cloud.client().stores()
    assert max(cloud.waits) <= 2


def test_retry_after_is_obeyed(cloud: Cloud) -> None:
    cloud.world.faults.add("status_503", times=1, retry_after="17")
    cloud.client().stores()
    assert cloud.waits == [pytest.approx(17, abs=8)]


@pytest.mark.parametrize("reset_as", ["seconds", "epoch"])
def test_a_spent_window_is_waited_out_before_it_is_refused(cloud: Cloud, reset_as: str) -> None:
    cloud.manners(rate_limit=2, rate_window=30, reset_as=reset_as)

    def sleep(seconds: float) -> None:
        cloud.waits.append(seconds)
        cloud.world.rates.clear()

    client = cloud.client(sleep=sleep)
    for _ in range(3):
        client.stores()
    assert cloud.waits == [pytest.approx(30, abs=15)]
    assert cloud.requests() == ["bearer 200"] * 3


def test_a_spent_store_does_not_slow_the_other(cloud: Cloud) -> None:
    cloud.manners(rate_limit=1, rate_window=30)
    client = cloud.client()
    list(client.products(STORE))
    list(client.products(OTHER_STORE))
    assert cloud.waits == []


def test_a_limit_that_never_opens_is_given_up(cloud: Cloud) -> None:
    cloud.manners(rate_limit=0, rate_window=3600)
    with pytest.raises(RateLimited):
        cloud.client().stores()
    assert cloud.requests() == ["bearer 429"] * 4
    assert len(cloud.waits) == 3 and all(wait <= 60 for wait in cloud.waits)


def test_a_token_revoked_between_two_pages_ends_the_list(cloud: Cloud) -> None:
    cloud.manners(page_size=2)
    cloud.fill(4)
    cloud.world.faults.add("revoked_token", page=2)
    pages = cloud.client().products(STORE)
    assert [product.id for product in next(pages)] == ["p0000", "p0001"]
    with pytest.raises(Unauthorized):
        next(pages)


def test_the_cloud_says_what_it_did_not_like(cloud: Cloud) -> None:
    cloud.world.faults.add("status_422")
    with pytest.raises(errors.BadRequest) as refused:
        cloud.client().stores()
    assert refused.value.violations == (("since", "недействительное значение"),)
    assert "invalid_format" in refused.value.detail


def test_a_wait_can_be_used_to_cancel(cloud: Cloud) -> None:
    class Cancelled(Exception):
        pass

    def cancel(seconds: float) -> None:
        raise Cancelled

    cloud.world.faults.add("status_500")
    with pytest.raises(Cancelled):
        cloud.client(sleep=cancel).stores()
    assert cloud.requests() == ["bearer 500"]


def test_a_silent_cloud_costs_no_more_than_the_time_outs(cloud: Cloud) -> None:
    cloud.world.faults.add("timeout")
    with pytest.raises(Unavailable):
        cloud.client(timeout=(60, 0.1)).stores()
    # Each try was given up while the cloud, which would have answered one in a minute, was still silent.
    assert len(cloud.waits) == 3
