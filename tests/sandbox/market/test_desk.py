"""The shop's pages on the control desk, and the JSON API beside them."""

import json
import re
import time
from io import BytesIO
from typing import Any

import pytest
from werkzeug.test import TestResponse

from sandbox.vk.filling import fill
from sandbox.vk.picture_header import read_header
from tests.sandbox.market.conftest import Shop, picture


def page(shop: Shop, path: str = "", **query: Any) -> str:
    answer = shop.visitor.get(f"/__sandbox__/vk/shop/{shop.community.id}/{path}", query_string=query)
    assert answer.status_code == 200
    return answer.text


def click(shop: Shop, path: str, **form: Any) -> TestResponse:
    """Press a button of the administrator; follow to the page that says what happened."""
    answer = shop.visitor.post(
        f"/__sandbox__/vk/shop/{shop.community.id}/{path}", data=form, follow_redirects=True
    )
    assert answer.status_code == 200 and 'class="message"' in answer.text
    return answer


def titles(text: str) -> list[str]:
    return re.findall(r'<p class="name">(.+?)</p>', text)


def test_a_visitor_sees_cards_with_pictures_and_prices(shop: Shop) -> None:
    shop.add(name="Чай «Горный»", price="150", old_price="200")
    text = page(shop)
    assert titles(text) == ["Чай «Горный»"]
    for seen in ("150 ₽", "200 ₽", "−25 %", "Чайная"):
        assert seen in text
    address = re.search(r'<img src="(/vk-pictures/[^"]+)"', text)
    assert address and shop.visitor.get(address[1]).mimetype == "image/jpeg"
    assert "img-src 'self'" in shop.visitor.get("/__sandbox__/vk/").headers["Content-Security-Policy"]


def test_only_the_administrator_sees_what_is_hidden_or_refused(shop: Shop) -> None:
    hidden, refused = shop.add(name="Скрытый", deleted="1"), shop.add(name="Отклонённый")
    shop.market.reject(refused, "Нельзя")
    assert titles(page(shop)) == []
    text = page(shop, admin=1)
    assert titles(text) == ["Отклонённый", "Скрытый"]
    assert "Недоступен" in text and "Отклонён модератором" in text
    address = f"/__sandbox__/vk/shop/{shop.community.id}/{hidden}"
    assert shop.visitor.get(address).status_code == 404
    assert "Скрытый" in page(shop, str(hidden), admin=1)


def test_albums_words_and_pages_narrow_the_shop(shop: Shop) -> None:
    fill(shop.vk, shop.community.id, 30)
    market = shop.market
    album = market.add_album("Лучшее", items=[5, 7])
    market.add_album("Пустой")
    text = page(shop)
    assert len(titles(text)) == 24 and "Страница 1 из 2" in text and "Пустой" not in text
    assert len(titles(page(shop, page=2))) == 6 == len(titles(page(shop, page=99)))
    assert len(titles(page(shop, album=album.id))) == 2
    assert titles(page(shop, q="№\N{NO-BREAK SPACE}17")) == [market.items[17].title]
    assert "ничего не нашлось" in page(shop, q="нет такого")


def test_a_closed_shop_looks_closed(shop: Shop) -> None:
    shop.community.market_on = False
    assert "Товары выключены" in page(shop)


def test_one_item_has_a_page_of_its_own(shop: Shop) -> None:
    item_id = shop.add(photo_ids=shop.photo(picture(500, 500)), sku="v1:7", stock_amount=3)
    shop.market.add_album("Лучшее", items=[item_id])
    text = page(shop, str(item_id))
    for seen in (
        "Листовой чай, собран весной.",
        "Продукты питания → Чай, кофе, какао → Чай",
        "v1:7",
        "Лучшее",
    ):
        assert seen in text
    assert "Изменить вручную" not in text


def test_the_administrator_changes_an_item_by_hand(shop: Shop) -> None:
    item_id = shop.add()
    form = {"name": "Чай иной", "price": "1 250,50", "old_price": "", "description": "Первая\r\nвторая"}
    click(shop, f"{item_id}/change", **form)
    item = shop.item(item_id)
    assert (item["title"], item["price"]["amount"], item["description"]) == (
        "Чай иной",
        "125050",
        "Первая\nвторая",
    )
    assert "Название: от 4" in click(shop, f"{item_id}/change", **{**form, "name": "Чай"}).text
    assert "Цена: число" in click(shop, f"{item_id}/change", **{**form, "price": "дорого"}).text
    assert shop.item(item_id)["title"] == "Чай иной"


def test_the_administrator_hides_refuses_deletes_and_restores(shop: Shop) -> None:
    item_id = shop.add()
    click(shop, f"{item_id}/hide")
    assert shop.item(item_id)["availability"] == 2
    click(shop, f"{item_id}/hide")
    assert shop.item(item_id)["availability"] == 0
    click(shop, f"{item_id}/reject")
    assert "reject_info" in shop.item(item_id)
    click(shop, f"{item_id}/reject")
    assert "reject_info" not in shop.item(item_id)
    click(shop, f"{item_id}/delete")
    assert shop.ids(with_disabled="1") == []
    click(shop, f"{item_id}/restore")
    assert shop.ids() == [item_id]


@pytest.mark.parametrize("sent", [picture(640, 480, "PNG"), b""])
def test_an_item_is_added_by_hand_with_a_picture_or_a_drawn_one(shop: Shop, sent: bytes) -> None:
    form = {"name": "Плед шерстяной", "price": "2500", "description": "Соткан вручную."}
    click(shop, "add", **form, picture=(BytesIO(sent), "a.png" if sent else ""))
    [item] = shop.do("market.get", extended="1")["items"]
    assert (item["title"], item["price"]["amount"]) == ("Плед шерстяной", "250000")
    largest = item["photos"][0]["sizes"][-1]
    shown = shop.visitor.get(largest["url"]).data
    assert shown == sent if sent else read_header(shown) == ("image/jpeg", 600, 600)
    assert (largest["width"], largest["height"]) == ((640, 480) if sent else (600, 600))


def test_a_bad_picture_is_not_taken(shop: Shop) -> None:
    form = {"name": "Плед шерстяной", "price": "2500"}
    assert "Картинка не подошла" in click(shop, "add", **form, picture=(BytesIO(b"%PDF"), "a.png")).text
    assert not shop.market.items


def test_captcha_role_and_shop_are_switched_from_the_shop(shop: Shop) -> None:
    def press(action: str, **form: Any) -> str:
        form |= {"shop": shop.community.id, "community": shop.community.id, "person": shop.person.id}
        answer = shop.visitor.post(f"/__sandbox__/vk/{action}", data=form, follow_redirects=True)
        assert answer.request.path == f"/__sandbox__/vk/shop/{shop.community.id}/"
        return answer.text

    assert "Убрать капчу" in press("trouble", name="captcha")
    assert shop.refused("market.get")[0] == 14
    press("trouble", name="")
    assert "Вернуть роль" in press("dismiss")
    assert shop.refused("market.delete", item_id=1)[0] == 15
    press("dismiss")
    assert shop.refused("market.delete", item_id=1)[0] == 1403
    assert "Включить Товары" in press("market")
    assert shop.refused("market.get")[0] == 1438


def test_one_method_is_broken_and_mended_from_the_desk(shop: Shop) -> None:
    def press(action: str, **form: Any) -> int:
        return shop.visitor.post(f"/__sandbox__/vk/faults/{action}", data=form).status_code

    assert press("add", name="error", method="market.get", code="9", times="") == 303
    assert shop.refused("market.get")[0] == 9
    assert "код 9" in shop.visitor.get("/__sandbox__/vk/").text
    press("clear", id=shop.vk.faults.active()[0].id)
    shop.do("market.get")
    assert press("add", name="mood") == 404


def test_what_is_unknown_is_404(shop: Shop) -> None:
    for path in ("77/hide", "77/delete", "77/change", "77/restore", "77/reject"):
        answer = shop.visitor.post(f"/__sandbox__/vk/shop/{shop.community.id}/{path}", data={})
        assert answer.status_code == 404
    assert shop.visitor.get("/__sandbox__/vk/shop/999/").status_code == 404


def test_another_site_cannot_change_the_shop(shop: Shop) -> None:
    item_id = shop.add()
    address = f"/__sandbox__/vk/shop/{shop.community.id}/{item_id}/delete"
    assert shop.visitor.post(address, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert shop.ids() == [item_id]


def test_titles_are_shown_as_text(shop: Shop) -> None:
    shop.market.add_item("<script>alert(1)</script>")
    assert "<script>" not in page(shop) and "&lt;script&gt;" in page(shop)


def post(shop: Shop, path: str, **body: Any) -> Any:
    return shop.visitor.post(f"/__sandbox__/api/vk/{path}", json=body)


def get(shop: Shop, path: str) -> Any:
    return json.loads(shop.visitor.get(f"/__sandbox__/api/vk/{path}").data)


def test_the_json_api_fills_shows_and_changes_a_market(shop: Shop) -> None:
    number = shop.community.id
    post(shop, "fill", community=number, goods=3, sku="old-{}")
    post(shop, "items/add", community=number, title="Плед", price=250_000, sku="own")
    post(shop, "items/change", community=number, id=1, fields={"hidden": True, "price": 5})
    post(shop, "items/delete", community=number, id=2)
    items = get(shop, f"items?community={number}")["items"]
    assert [(item["id"], item["sku"], item["availability"]) for item in items] == [
        (4, "own", 0),
        (3, "old-3", 0),
        (1, "old-1", 2),
    ]
    assert get(shop, "state")["communities"] == [{"id": number, "name": "Чайная", "items": 3}]


def test_the_json_api_sets_limits_faults_and_counters(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    # All within one second, however slow the machine is.
    at = time.time()
    monkeypatch.setattr("time.time", lambda: at)
    post(shop, "settings", limits={"items": 0}, habits={"bad_links": ["x.example"]}, calls_per_second=50)
    assert shop.refused("market.add", **shop.fields())[0] == 1405
    assert shop.vk.habits.bad_links == {"x.example"} and shop.vk.calls_per_second == 50
    post(shop, "faults", name="error", method="market.get", code=29)
    assert shop.refused("market.get")[0] == 29
    post(shop, "faults/clear")
    shop.do("market.get")
    counted = get(shop, "calls")
    assert counted["by_method"]["market.get"] == 2 and counted["total"] == 5
    assert len(counted["log"]) == 6 and counted["busiest_second"] == 5
    post(shop, "calls/clear")
    assert get(shop, "calls")["total"] == 0


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("faults", {"name": "mood"}),
        ("faults", {}),
        ("settings", {"limits": {"mood": 1}}),
        ("settings", {"mood": 1}),
        ("fill", {"community": 999, "goods": 1}),
        ("items/change", {"community": 2001, "id": 77, "fields": {}}),
        ("items/delete", {"community": 2001, "id": 77}),
    ],
)
def test_a_wrong_call_of_the_json_api_says_what_is_wrong(shop: Shop, path: str, body: dict[str, Any]) -> None:
    answer = post(shop, path, **body)
    assert answer.status_code == 400 and answer.json["error"]
