"""The plan is looked at before anything is sent, and only what was seen is started."""

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from app.connections.models import VK, CloudAccount
from app.data.db import db
from app.publishing.planning.choosing import GroupChoice
from app.publishing.settings.save import save_group
from sandbox.vk.people import Person
from sandbox.vk.world import VkWorld
from tests.catalog.export.test_workbooks import read_sheet
from tests.checking_client import CheckedResponse
from tests.owners import Owner
from tests.publishing.conftest import CATEGORY, Publishing
from tests.stock import Stock, group, product


def form_of(answer: CheckedResponse) -> dict[str, str]:
    """What the plan's form sends."""
    return {"plan": answer.page.select("//input[@name='plan']/@value")[0]}


def test_the_plan_shows_each_kind_with_its_count_and_every_field_before_and_after(
    publishing: Publishing, tea: Stock
) -> None:
    page = publishing.owner.client.get("/sync/plan").page
    (section,) = page.select("//section[@data-kind='create']")
    assert section.get("data-count") == "3"
    rows = page.select("//tr[@data-kind='create'][@data-store-id='s1'][@data-evotor-id='p1']")
    assert [row.get("data-sku") for row in rows] == ["A-1"]
    assert "350,00 ₽" in rows[0].text_content().replace("\N{NO-BREAK SPACE}", " ")
    publishing.publish()
    tea.put(products=[product("p1", "Улун молочный", price=360, quantity=12, article_number="A-1")])
    row = publishing.owner.client.get("/sync/plan").page.select("//tr[@data-kind='change']")[0]
    words = row.text_content().replace("\N{NO-BREAK SPACE}", " ")
    assert "350,00 ₽" in words
    assert "360,00 ₽" in words


def test_goods_that_are_not_ready_stand_under_their_reason_with_the_way_to_mend_it(
    publishing: Publishing, stock: Stock
) -> None:
    stock.put(products=[product("p1", "Доставка", price=100, type="SERVICE"), product("p2", "Чай")])
    page = publishing.owner.client.get("/sync/plan").page
    assert page.select("//section[@data-kind='blocked']/@data-count") == ["2"]
    links = page.select("//ul[@class='reasons']//a/@href")
    assert "/sync/settings#services" in links
    of_reason = publishing.owner.client.get("/sync/plan?kind=blocked&reason=no_price").page
    assert of_reason.select("//tr[@data-kind='blocked']/@data-evotor-id") == ["p2"]


def test_a_kind_is_walked_to_its_end_by_opaque_links(publishing: Publishing, stock: Stock) -> None:
    stock.put(products=[product(f"p{number:03}", f"Чай {number:03}", price=10) for number in range(120)])
    address, seen = "/sync/plan?kind=create", []
    while address:
        page = publishing.owner.client.get(address).page
        seen += page.select("//tr[@data-kind='create']/@data-evotor-id")
        address = next(
            iter(page.select("//section[@data-kind='create']//a[contains(@href, 'after=')]/@href")), ""
        )
        assert "\x1f" not in address
        assert "%1F" not in address
    assert seen == [f"p{number:03}" for number in range(120)]


def test_the_plan_the_catalogue_and_a_change_of_rules_list_goods_in_one_order(
    publishing: Publishing, stock: Stock
) -> None:
    names = ["Ёлка", "ельник", "Жуковка", "алишань", "Абрикос", "1+1=2", "«Юбилей»", "teas"]
    client = publishing.owner.client
    goods = [product(f"p{number}", name, price=10) for number, name in enumerate(names)]
    stock.put(products=goods)
    by_name = client.get("/catalog/products?store_id=s1").page.select("//tr/@data-evotor-id")
    assert client.get("/sync/plan?kind=create").page.select("//tr/@data-evotor-id") == by_name
    form = {"scope": "found", "filter_mode": "exclude"}
    change = client.post("/catalog/bulk?type=products&store_id=s1", data=form).location
    items = client.get(change).page.select("(//ul[@class='goods'])[1]/li/text()[1]")
    listed = [words.strip() for words in items]
    assert listed == [names[int(good[1:])] for good in by_name]


def test_each_kind_has_its_number_whichever_is_shown(publishing: Publishing, tea: Stock) -> None:
    publishing.publish()
    tea.put(
        products=[
            product("p2", "Пуэр шу, лист", price=500),
            product("p4", "Сенча"),
            product("p5", "Мёд липовый", price=9),
        ]
    )
    chips = "//nav[@aria-label='Части плана']/a"
    everything = publishing.owner.client.get("/sync/plan").page
    said = ["Весь план", "Добавить 1", "Изменить 1", "Снять с публикации 2", "Не готовы 1", "Чужие 3"]
    assert everything.texts(chips) == said
    for kind in ("create", "hide", "blocked"):
        page = publishing.owner.client.get(f"/sync/plan?kind={kind}").page
        assert page.texts(chips) == said
        assert page.select(f"{chips}[@aria-current]/@href") == [f"/sync/plan?kind={kind}"]
        # What is started is the whole plan, whichever part of it is looked at.
        assert page.texts("//dl[@class='figures']/div") == everything.texts("//dl[@class='figures']/div")
    # A kind that has nothing left is still there while it is shown.
    assert "Вернуть 0" in publishing.owner.client.get("/sync/plan?kind=show").page.texts(chips)


@pytest.mark.parametrize("query", ["kind=sideways", "after=nonsense", "after=WyJhIiwxLDFd"])
def test_a_link_that_was_not_made_here_is_a_bad_request(publishing: Publishing, query: str) -> None:
    assert publishing.owner.client.get(f"/sync/plan?{query}").status_code == 400


def test_a_held_plan_is_not_started_without_the_tick_and_says_so_beside_it(
    publishing: Publishing, tea: Stock
) -> None:
    client = publishing.owner.client
    form = form_of(client.get("/sync/plan"))
    refused = client.post("/sync/publish", data=form)
    assert refused.status_code == 422
    tick = refused.page.select("//input[@name='confirm']")[0]
    assert tick.get("aria-describedby") == "confirm-error"
    assert refused.page.select("//p[@id='confirm-error']")
    assert not publishing.items
    taken = client.post("/sync/publish", data=form | {"confirm": "1"})
    assert taken.status_code == 303
    publishing.run_jobs()
    assert len(publishing.items) == 3


def test_a_plan_that_changed_meanwhile_is_shown_again(publishing: Publishing, tea: Stock) -> None:
    client = publishing.owner.client
    form = form_of(client.get("/sync/plan"))
    tea.rule("product", "p1", "exclude")
    answer = client.post("/sync/publish", data=form | {"confirm": "1"})
    assert answer.status_code == 409
    assert "План изменился" in answer.text
    assert answer.page.select("//section[@data-kind='create']/@data-count") == ["2"]
    publishing.run_jobs()
    assert not publishing.items


def test_nothing_starts_while_publication_is_off_and_the_page_says_what_to_do(
    publishing: Publishing, tea: Stock
) -> None:
    client = publishing.owner.client
    client.post("/sync", data={"is_enabled": "0"})
    page = client.get("/sync/plan")
    assert page.page.select("//section[@data-kind='create']")
    assert "Публикация выключена" in page.text
    assert not page.page.select("//input[@name='plan']")
    refused = client.post("/sync/publish", data={"plan": publishing.plan().digest, "confirm": "1"})
    assert refused.status_code == 422
    assert client.post("/sync/publish", data={"store_id": "s1", "product_id": "p1"}).status_code == 422


def test_without_vk_the_plan_still_shows_and_leads_to_the_connection(alice: Owner, stock: Stock) -> None:
    alice.connect_evotor()
    stock.put(products=[product("p1", "Улун молочный", price=350)])
    page = alice.client.get("/sync/plan")
    assert page.page.select("//section[@data-kind='blocked']/@data-count") == ["1"]
    assert page.page.select("//a[@href='/connections/vk/start']")
    assert alice.client.post("/sync/publish", data={"plan": "x"}).status_code in (409, 422)


def test_one_good_is_sent_alone(publishing: Publishing, tea: Stock, bob: Owner) -> None:
    form = {"store_id": "s1", "product_id": "p2"}
    assert bob.client.post("/sync/publish", data=form).status_code == 404
    answer = publishing.owner.client.post("/sync/publish", data=form)
    assert answer.status_code == 303
    publishing.run_jobs()
    assert [item.title for item in publishing.items.values()] == ["Пуэр шу, лист"]
    page = publishing.owner.client.get(answer.headers["Location"]).page
    assert page.select("//a[contains(@href, 'https://vk.com/')]")
    assert publishing.owner.client.post("/sync/publish", data={"store_id": "s1"}).status_code == 400


def test_the_file_of_the_plan_holds_every_row_in_three_formats(
    publishing: Publishing, tea: Stock, bob: Owner
) -> None:
    tea.put(
        products=[
            product("p1", "=Улун молочный", price=350, quantity=12, article_number="A-1"),
            product("p2", "Пуэр без цены"),
        ]
    )
    client = publishing.owner.client
    plain = client.get("/sync/plan/export").data.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(plain)))
    assert [(row["Что будет"], row["Название"], row["Цена станет"]) for row in rows] == [
        ("Добавить", "'=Улун молочный", "350.00"),
        ("Не готовы", "Пуэр без цены", ""),
    ]
    assert rows[1]["Почему"].startswith("В кассе нет цены")
    assert ";350,00;" in client.get("/sync/plan/export?format=csv-ru").text
    with client.get("/sync/plan/export?format=excel") as answer:
        sheet = read_sheet(answer.data)
    assert sheet[1][2:7] == ["=Улун молочный", "A-1", 350.0, None, 350.0]
    assert client.get("/sync/plan/export?format=pdf").status_code == 400
    # What changes otherwise has its price, too.
    publishing.publish()
    tea.put(products=[product("p1", "Улун молочный", price=350, quantity=12, article_number="A-1")])
    changed, *_ = csv.DictReader(io.StringIO(client.get("/sync/plan/export").data.decode("utf-8-sig")))
    assert (changed["Что будет"], changed["Цена сейчас"], changed["Цена станет"]) == (
        "Изменить",
        "350.00",
        "350.00",
    )
    # Of nothing there is no file.
    link = "//a[contains(@href, '/sync/plan/export')]"
    assert client.get("/sync/plan").page.select(link)
    assert not bob.client.get("/sync/plan").page.select(link)


def test_goods_of_a_category_that_vk_knows_no_more_are_not_ready_wherever_they_stand(
    publishing: Publishing, tea: Stock, bob: Owner
) -> None:
    publishing.read()
    publishing.choose(default_category_id=1)
    client = publishing.owner.client
    (product_url, *_) = client.get("/catalog/products?store_id=s1").page.select("//tbody//th/a/@href")
    sentence = "ВКонтакте больше не знает выбранную категорию. Выберите другую"
    for address, said in (
        ("/sync/plan", sentence),
        ("/sync/plan/export", sentence),
        ("/catalog/products?store_id=s1", "не готов: категории больше нет"),
        (product_url, sentence),
        ("/sync/settings", sentence),
    ):
        answer = client.get(address, follow_redirects=True)
        words = answer.text if address.endswith("export") else answer.page.text
        assert said in words, address
        assert "№ 1" not in words
    assert publishing.plan().counts["blocked"] == 3
    assert client.get("/sync/settings").page.select("//input[@name='default_category_id']/@value") == [""]
    # What has never been in question: goods of a group with a category of its own.
    with publishing.owner.app.app_context():
        save_group(publishing.owner.id, ("s1", "g1"), GroupChoice(category_id=CATEGORY))
    tea.put(groups=[group("g1", "Чай")], products=[product("p1", "Улун молочный", price=350, parent_id="g1")])
    counts = publishing.plan().counts
    assert (counts["create"], counts["blocked"]) == (1, 0)


def test_the_group_whose_category_vk_knows_no_more_is_where_it_is_mended(
    publishing: Publishing, tea: Stock
) -> None:
    publishing.read()
    tea.put(groups=[group("g1", "Чай")], products=[product("p1", "Улун молочный", price=350, parent_id="g1")])
    with publishing.owner.app.app_context():
        save_group(publishing.owner.id, ("s1", "g1"), GroupChoice(category_id=1))
    page = publishing.owner.client.get("/sync/plan").page
    assert page.select("//ul[@class='reasons']//a/@href")[-1] == "/sync/settings/groups"
    page = publishing.owner.client.get("/catalog/products?store_id=s1").page
    assert "не готов: категории больше нет" in page.text


def test_statements_of_the_plan_do_not_grow_with_its_rows(
    publishing: Publishing, stock: Stock, count_statements: Callable[..., Any]
) -> None:
    counted = []
    for size in (5, 200):
        stock.put(products=[product(f"p{number}", f"Чай {number}", price=10) for number in range(size)])
        with count_statements() as statements:
            publishing.owner.client.get("/sync/plan?kind=create")
        counted.append(len(statements))
    assert counted[0] == counted[1]


def test_a_plan_that_was_seen_for_one_community_is_no_word_about_another(
    publishing: Publishing, tea: Stock, vk: VkWorld, maria: Person
) -> None:
    client = publishing.owner.client
    page = client.get("/sync/plan").page
    (digest,) = page.select("//input[@name='plan']/@value")
    (seen, *_) = page.select("//input[@name='community']/@value")
    other = vk.add_community("Другая чайная", maria)
    with publishing.owner.app.app_context():
        connection = db.session.scalars(select(CloudAccount).filter_by(provider=VK)).one()
        connection.profile = {**connection.profile, "community": {"id": other.id, "name": other.name}}
        db.session.commit()
    one = {"store_id": "s1", "product_id": "p1", "community": seen}
    for address, sent in (
        ("/sync/publish", {"plan": digest, "confirm": "1"}),
        ("/sync/publish", one),
        ("/sync/publish/first", {"community": seen}),
    ):
        assert client.post(address, data=sent).status_code == 409
    publishing.run_jobs()
    assert not vk.market(other.id).items and not publishing.items


def test_one_good_is_sent_as_its_page_showed_it_or_not_at_all(publishing: Publishing, stock: Stock) -> None:
    def shown() -> dict[str, str]:
        page = publishing.owner.client.get(
            "/catalog/product?store_id=s1&product_id=p1", follow_redirects=True
        ).page
        names = ("community", "good", "store_id", "product_id")
        return {
            name: page.select(f"//form[@data-busy='Отправляем…']//input[@name='{name}']/@value")[0]
            for name in names
        }

    client = publishing.owner.client
    stock.put(products=[product("p1", "Улун молочный", price=350, quantity=5)])
    before = shown()
    # Sold meanwhile: the page need not be looked at again for that.
    stock.put(products=[product("p1", "Улун молочный", price=350, quantity=4)])
    assert shown() == before
    stock.put(products=[product("p1", "Улун молочный", price=3, quantity=4)])
    refused = client.post("/sync/publish", data=before)
    assert (refused.status_code, "Товар изменился" in refused.page.text) == (409, True)
    publishing.choose(markup_percent=10)
    now = shown()
    assert now["good"] != before["good"]
    assert client.post("/sync/publish", data=now).status_code == 303
    publishing.run_jobs()
    assert [item.price for item in publishing.items.values()] == [330]
