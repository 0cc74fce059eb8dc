"""Who may call: whose token, which right, which role, how often; whether the shop is open."""

import time
from typing import Any

import pytest

from sandbox.vk.people import EDITOR, NO_ROLE
from tests.sandbox.market.conftest import Shop

# Parameters with which each method gets as far as the right to it.
WRITING: dict[str, dict[str, Any]] = {
    "market.add": {},
    "market.edit": {"item_id": 1},
    "market.delete": {"item_id": 1},
    "market.restore": {"item_id": 1},
    "market.addAlbum": {"title": "Чай"},
    "market.editAlbum": {"album_id": 1, "title": "Чай"},
    "market.deleteAlbum": {"album_id": 1},
    "market.addToAlbum": {"item_ids": 1, "album_ids": 1},
    "market.removeFromAlbum": {"item_id": 1, "album_ids": 1},
    "market.reorderAlbums": {"album_id": 1, "before": 2},
    "market.reorderItems": {"item_id": 1, "before": 2},
    "market.getProductPhotoUploadServer": {"group_id": 2001},
}
READING: dict[str, dict[str, Any]] = {
    "market.get": {},
    "market.getById": {"item_ids": "-2001_1"},
    "market.search": {},
    "market.getAlbums": {},
    "market.getAlbumById": {"album_ids": 1},
    "market.getCategories": {},
    "market.filterCategories": {},
}
EVERY = {**WRITING, **READING}


@pytest.mark.parametrize("method", EVERY)
def test_a_community_token_is_refused(shop: Shop, method: str) -> None:
    shop.token = shop.vk.community_token(shop.community.id)
    assert shop.refused(method, **EVERY[method])[0] == 27


def test_a_community_token_may_execute_but_not_what_is_inside(shop: Shop) -> None:
    shop.token = shop.vk.community_token(shop.community.id)
    answer = shop.script(("market.get", {"owner_id": shop.owner_id}))
    assert answer["response"] == [False] and answer["execute_errors"][0]["error_code"] == 27
    assert shop.do("groups.getById", group_id=shop.community.id)["groups"][0]["id"] == shop.community.id


@pytest.mark.parametrize("method", EVERY)
def test_a_token_without_the_right_to_goods_is_refused(shop: Shop, method: str) -> None:
    shop.token = shop.vk.sign_in(shop.person, "groups")
    assert shop.refused(method, **EVERY[method])[0] == 15


@pytest.mark.parametrize("code", [15, 205, 7, 203])
@pytest.mark.parametrize("method", WRITING)
def test_who_lost_the_role_changes_nothing(shop: Shop, method: str, code: int) -> None:
    shop.community.roles[shop.person.id] = NO_ROLE
    shop.vk.habits.lost_role_code = code
    assert shop.refused(method, **WRITING[method])[0] == code


def test_a_picture_is_not_saved_by_who_lost_the_role(shop: Shop) -> None:
    sent = shop.upload(b"")
    shop.community.roles[shop.person.id] = NO_ROLE
    assert shop.refused("market.saveProductPhoto", upload_response=sent)[0] == 129


def test_an_editor_may_change_goods(shop: Shop) -> None:
    shop.community.roles[shop.person.id] = EDITOR
    shop.add()


@pytest.mark.parametrize("method", [each for each in EVERY if "ategories" not in each])
def test_a_closed_shop_says_so(shop: Shop, method: str) -> None:
    shop.community.market_on = False
    assert shop.refused(method, **EVERY[method])[0] == (1525 if method == "market.getById" else 1438)


def test_a_blocked_community_is_closed_to_everybody(shop: Shop) -> None:
    shop.community.blocked = True
    assert shop.refused("market.get")[0] == 203


def test_the_shop_is_switched_by_its_administrator(shop: Shop) -> None:
    group = {"group_id": shop.community.id}
    assert shop.refused("groups.toggleMarket", **group, state="basic")[0] == 1431
    shop.do("groups.toggleMarket", **group, state="none")
    assert shop.refused("groups.toggleMarket", **group, state="none")[0] == 1432
    assert shop.do("groups.getById", **group, fields="market")["groups"][0]["market"] == {"enabled": 0}
    shop.do("groups.toggleMarket", **group, state="advanced")
    shop.add()
    market = shop.do("groups.getById", **group, fields="market")["groups"][0]["market"]
    assert (market["type"], market["price_min"], market["price_max"]) == ("advanced", "19990", "19990")
    assert shop.refused("groups.toggleMarket", **group, state="open")[0] == 100
    shop.community.roles[shop.person.id] = EDITOR
    assert shop.refused("groups.toggleMarket", **group, state="none")[0] == 15


def test_a_token_lives_for_an_hour(shop: Shop) -> None:
    shop.vk.expire_access()
    assert shop.refused("market.get")[0] == 5


def test_what_is_asked_is_counted(shop: Shop) -> None:
    item_id = shop.add()
    shop.refused("market.edit", item_id=77, price="5")
    shop.script(("market.edit", {"owner_id": shop.owner_id, "item_id": item_id, "price": 5}))
    calls = shop.vk.calls
    assert calls.by_method == {
        "market.getProductPhotoUploadServer": 1,
        "upload": 1,
        "market.saveProductPhoto": 1,
        "market.add": 1,
        "market.edit": 2,
        "execute": 1,
    }
    assert (calls.total, calls.inner, calls.uploads, len(calls.writing)) == (5, 1, 1, 4)
    assert [call.error for call in calls.log if call.method == "market.edit"] == [1403, None]
    calls.clear()
    assert calls.total == 0 and not calls.log


def test_the_busiest_second_is_found_across_windows(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    # All within one second, however slow the machine is.
    at = time.time()
    monkeypatch.setattr("time.time", lambda: at)
    shop.vk.calls_per_second = 3
    other = shop.vk.sign_in(shop.vk.add_person("Олег", "Тихонов"))
    for _ in range(4):
        shop.call("market.getCategories")
    shop.call("market.getCategories", access_token=other)
    calls = shop.vk.calls
    assert (calls.busiest_second(shop.person.id), calls.busiest_second()) == (4, 5)
    assert calls.refused_as_too_often == 1


def test_a_parameter_that_vk_does_not_know_is_noted(shop: Shop) -> None:
    shop.do("market.get", with_hidden="1")
    assert shop.vk.calls.unknown_parameters == {("market.get", "with_hidden")}


def test_a_request_that_got_no_answer_is_counted_too(shop: Shop) -> None:
    shop.vk.trouble = "status_500"
    form = {"access_token": shop.token, "v": "5.199", "owner_id": shop.owner_id}
    assert shop.visitor.post("/vk-api/method/market.get", data=form).status_code == 500
    assert shop.vk.calls.by_method == {"market.get": 1}
