"""A wrong request fails in the sandbox as it would in the cloud."""

from typing import Any

import pytest

from sandbox.world import V2, Manners, Merchant, World

from .conftest import STORE, TOKEN, Ask


@pytest.mark.parametrize("accept", [V2, f"{V2};charset=UTF-8", f"{V2}; charset=utf-8", f"text/html, {V2}"])
def test_the_media_type_of_version_two_is_accepted(ask: Ask, accept: str) -> None:
    answer = ask("/stores", {"Authorization": f"Bearer {TOKEN}", "Accept": accept})
    assert answer.status_code == 200
    assert answer.content_type == V2


@pytest.mark.parametrize("accept", ["application/json", "*/*", "", "application/vnd.evotor.v1+json"])
def test_any_other_media_type_is_refused(ask: Ask, accept: str) -> None:
    assert ask("/stores", {"Authorization": f"Bearer {TOKEN}", "Accept": accept}).status_code == 406


@pytest.mark.parametrize(
    ("setting", "accepted"),
    [
        ("any", {"bearer", "x-authorization"}),
        ("bearer", {"bearer"}),
        ("x-authorization", {"x-authorization"}),
        ("raw", {"raw"}),
    ],
)
def test_each_merchant_is_let_in_by_its_forms_of_authorisation(
    ask: Ask, merchant: Merchant, setting: str, accepted: set[str]
) -> None:
    merchant.manners = Manners(auth=setting)
    forms = {
        "bearer": {"Authorization": f"Bearer {TOKEN}"},
        "x-authorization": {"X-Authorization": TOKEN},
        "raw": {"Authorization": TOKEN},
    }
    let_in = {
        form for form, header in forms.items() if ask("/stores", {"Accept": V2, **header}).status_code == 200
    }
    assert let_in == accepted


def test_an_unknown_token_gets_401_without_a_readable_body(ask: Ask) -> None:
    answer = ask("/stores", {"Authorization": "Bearer somebody", "Accept": V2})
    assert (answer.status_code, answer.data) == (401, b"")
    answer = ask("/stores", {"Accept": V2})
    assert (answer.status_code, answer.mimetype) == (401, "text/html")


@pytest.mark.parametrize("rest", ["/products", "/product-groups", "/products/p1", "/product-groups/g1"])
def test_an_unknown_store_is_404(ask: Ask, rest: str) -> None:
    assert ask(f"/stores/{STORE}{rest}").status_code == 200
    assert ask(f"/stores/elsewhere{rest}").status_code == 404


def test_the_store_of_another_merchant_is_404(ask: Ask, world: World) -> None:
    world.add_merchant("other").add_store({"id": "theirs", "name": "Чужой"})
    assert ask("/stores/theirs/products").status_code == 404


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/stores", {"since": 1}),
        ("/stores", {"page": 2}),
        (f"/stores/{STORE}/product-groups", {"limit": 10}),
        (f"/stores/{STORE}/products", {"offset": 10}),
        (f"/stores/{STORE}/products", {"limit": 0}),
        (f"/stores/{STORE}/products", {"limit": 1001}),
        (f"/stores/{STORE}/products", {"limit": "ten"}),
        (f"/stores/{STORE}/products", {"since": "2025-01-01"}),
    ],
)
def test_a_wrong_parameter_is_400_in_the_documented_shape(ask: Ask, path: str, query: dict[str, Any]) -> None:
    answer = ask(path, **query)
    assert answer.status_code == 400
    assert {"code", "message", "violations"} == answer.json.keys()
    assert [violation["subject"] for violation in answer.json["violations"]] == list(query)


def test_every_answer_carries_the_rate_headers(ask: Ask) -> None:
    for answer in (
        ask("/stores"),
        ask("/stores/none/products"),
        ask("/stores", {}),
        ask("/stores", cursor="bad"),
    ):
        assert {"X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"} <= set(
            answer.headers.keys()
        )


def test_the_rate_limit_is_counted_for_each_store_apart(ask: Ask, merchant: Merchant) -> None:
    merchant.manners = Manners(rate_limit=2)
    path = f"/stores/{STORE}/products"
    assert [ask(path).headers["X-RateLimit-Remaining"] for _ in range(2)] == ["1", "0"]
    assert ask(path).status_code == 429
    assert ask("/stores").status_code == 200


def test_a_new_window_lets_requests_in_again(ask: Ask, merchant: Merchant) -> None:
    merchant.manners = Manners(rate_limit=1, rate_window=0.000_001)
    assert [ask("/stores").status_code for _ in range(3)] == [200, 200, 200]


def test_the_reset_header_is_seconds_or_epoch(ask: Ask, merchant: Merchant) -> None:
    assert 0 < int(ask("/stores").headers["X-RateLimit-Reset"]) <= 60
    merchant.manners = Manners(reset_as="epoch")
    assert int(ask("/stores").headers["X-RateLimit-Reset"]) > 1_700_000_000


def test_a_token_never_reaches_the_journal(ask: Ask, world: World) -> None:
    ask("/stores")
    ask("/stores", {"X-Authorization": TOKEN, "Accept": V2})
    ask("/stores", token=TOKEN)
    written = [entry.as_json() for entry in world.journal.entries()]
    assert [entry["auth"] for entry in written] == ["bearer", "x-authorization", "bearer"]
    assert TOKEN not in str(written)
