"""Four questions first, then everything; errors beside their fields; real goods in the preview."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import update
from sqlalchemy.orm import Session

from app.data.db import db
from app.data.types import now
from app.publishing import goods
from app.publishing.planning.settings import Settings
from app.publishing.run.models import Publication
from app.publishing.settings import save
from app.publishing.settings.likely_category import likely_category
from app.publishing.settings.models import PublicationSettings
from app.publishing.settings.read import KEPT, settings_of
from sandbox.vk.world import VkWorld
from tests.owners import Owner
from tests.publishing.conftest import CATEGORY, Publishing
from tests.stock import Stock, product

HTMX = {"HX-Request": "true"}
ANSWERS = {
    "default_category_id": str(CATEGORY),
    "photo_fallback": "card",
    "out_of_stock": "hide",
    "markup_percent": "12,5",
    "rounding": "10",
}


@pytest.fixture
def newcomer(publishing: Publishing, tea: Stock) -> Publishing:
    """Alice before her first answers, with VK's categories read."""
    with publishing.owner.app.app_context():
        db.session.delete(db.session.get_one(PublicationSettings, publishing.owner.id))
        db.session.commit()
    publishing.read()
    return publishing


def all_of(publishing: Publishing) -> dict[str, str]:
    """What the full form sends as it stands."""
    page = publishing.owner.client.get("/sync/settings").page
    form = {
        field.get("name"): field.get("value") or field.text or ""
        for field in page.select("//main//form//*[self::input or self::textarea][@name]")
        if field.get("type") not in ("radio", "checkbox") or field.get("checked") is not None
    }
    chosen = page.select("//main//form//select/option[@selected]")
    return form | {option.getparent().get("name"): option.get("value") for option in chosen}


def test_the_categories_are_read_by_themselves_on_the_first_visit(publishing: Publishing, tea: Stock) -> None:
    client = publishing.owner.client
    page = client.get("/sync/settings").page
    (poll,) = page.select("//div[@id='reading']/@hx-get")
    publishing.run_jobs()
    done = client.get(poll, headers=HTMX)
    assert done.headers["HX-Refresh"] == "true"
    assert not done.page.select("//*[@hx-trigger]")
    options = client.get("/sync/settings").page.select("//datalist[@id='categories']/option/@value")
    assert any("Чай" in option for option in options)


def test_four_answers_lead_to_the_plan(newcomer: Publishing) -> None:
    client = newcomer.owner.client
    page = client.get("/sync/settings")
    assert "Четыре вопроса" in page.text
    assert not page.page.select("//*[@name='merge_by']")
    saved = client.post("/sync/settings", data=ANSWERS)
    assert saved.status_code == 303
    assert saved.headers["Location"].endswith("/sync/plan")
    with newcomer.owner.app.app_context():
        kept = settings_of(newcomer.owner.id)
    assert (kept.default_category_id, str(kept.markup_percent), kept.rounding) == (CATEGORY, "12.50", "10")
    assert client.get("/sync/settings").page.select("//*[@name='merge_by']")


@pytest.mark.databases("sqlite", "postgresql")
def test_two_first_clicks_at_once_begin_one_row_and_the_later_one_holds(
    newcomer: Publishing, monkeypatch: pytest.MonkeyPatch
) -> None:
    def not_yet(user_id: int) -> None:
        with Session(db.engine) as another_click, another_click.begin():
            defaults = {name: getattr(Settings(), name) for name in KEPT} | {"store_order": []}
            another_click.add(PublicationSettings(user_id=user_id, **defaults))

    monkeypatch.setattr(save, "settings_row", not_yet)
    assert newcomer.owner.client.post("/sync/settings", data=ANSWERS).status_code == 303
    with newcomer.owner.app.app_context():
        assert settings_of(newcomer.owner.id).rounding == "10"


def test_a_category_is_taken_by_its_words_too(newcomer: Publishing) -> None:
    client = newcomer.owner.client
    options = client.get("/sync/settings").page.select("//datalist[@id='categories']/option/@value")
    saved = client.post("/sync/settings", data=ANSWERS | {"default_category_id": options[0].upper()})
    assert saved.status_code == 303
    assert client.get("/sync/settings").page.select("//input[@name='default_category_id']/@value") == [
        options[0]
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("default_category_id", ""),
        ("default_category_id", "Летающие тарелки"),
        ("default_category_id", "99999999"),
        ("photo_fallback", "paint"),
        ("out_of_stock", ""),
        ("markup_percent", "много"),
        ("markup_percent", "NaN"),
        ("markup_percent", "-95"),
        ("rounding", "7"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(newcomer: Publishing, name: str, value: str) -> None:
    answer = newcomer.owner.client.post("/sync/settings", data=ANSWERS | {name: value})
    assert answer.status_code == 422
    assert answer.page.select(f"//*[@id='{name}-error']")
    with newcomer.owner.app.app_context():
        assert db.session.get(PublicationSettings, newcomer.owner.id) is None


def test_a_broken_template_is_said_beside_its_field(publishing: Publishing, tea: Stock) -> None:
    publishing.read()
    form = all_of(publishing)
    assert publishing.owner.client.post("/sync/settings", data=form).status_code == 303
    answer = publishing.owner.client.post("/sync/settings", data=form | {"name_template": "{nmae}"})
    assert answer.status_code == 422
    assert answer.page.select("//*[@id='name_template-error']")


def test_the_preview_follows_what_is_typed_and_saves_nothing(newcomer: Publishing) -> None:
    answer = newcomer.owner.client.post(
        "/sync/settings/preview", data=ANSWERS | {"markup_percent": "100"}, headers=HTMX
    )
    words = answer.text.replace("\N{NO-BREAK SPACE}", " ").replace("&nbsp;", " ")
    assert "700,00 ₽" in words
    assert "Улун молочный" in words
    with newcomer.owner.app.app_context():
        assert db.session.get(PublicationSettings, newcomer.owner.id) is None


def test_the_prices_of_the_till_stand_beside_those_that_vk_would_show(
    publishing: Publishing, stock: Stock
) -> None:
    publishing.read()
    kilo: dict[str, Any] = {"measure_name": "кг", "quantity": 2}
    stock.put(products=[product("p1", "Пуэр шу", price=4000, **kilo)])
    publishing.choose(per_100g=True)
    publishing.publish()
    stock.put(products=[product("p1", "Пуэр шу", price=3500, **kilo), product("p2", "Пиала", price=9)])
    form = all_of(publishing) | {"per_100g": "y", "old_price_days": "7", "price_floor": "10"}
    answer = publishing.owner.client.post("/sync/settings/preview", data=form, headers=HTMX)
    rows = answer.page.texts("//table[@class='prices-table']//tr")
    assert [row.replace("\N{NO-BREAK SPACE}", " ") for row in rows] == [
        "Пуэр шу 3 500,00 ₽ за кг → 350,00 ₽ за 100 г 400,00 ₽",
        "Пиала Цена ниже самой низкой, которую вы разрешили. Проверьте её в кассе или измените границу в "
        "настройках 9,00 ₽ → 9,00 ₽",
    ]
    assert publishing.owner.client.post("/sync/settings", data=form).status_code == 303
    plan = publishing.owner.client.get("/sync/plan").page
    (row,) = plan.texts("//tr[@data-kind='change']")
    assert "350,00 ₽ в кассе 3 500,00 ₽ за кг" in row.replace("\N{NO-BREAK SPACE}", " ")
    file = publishing.owner.client.get("/sync/plan/export").text
    assert "3500.00,400.00,350.00," in file
    assert publishing.publish().status == "done"
    (item,) = publishing.items.values()
    assert (item.title, item.price, item.old_price) == ("Пуэр шу, 100 г", 35_000, 40_000)


def test_the_card_is_a_picture_that_only_its_owner_sees(newcomer: Publishing, bob: Owner) -> None:
    page = newcomer.owner.client.get("/sync/settings").page
    address = page.select("//article[@class='vk-card']/img/@src")[0]
    picture = Image.open(BytesIO(newcomer.owner.client.get(address).data))
    assert picture.size == (800, 800)
    assert bob.client.get(address).status_code == 404


def test_settings_show_without_vk_and_say_what_is_missing(alice: Owner, stock: Stock) -> None:
    stock.put(products=[product("p1", "Улун молочный", price=350)])
    answer = alice.client.get("/sync/settings")
    assert answer.page.select("//main//a[@href='/connections']")
    assert alice.client.post("/sync/settings", data=ANSWERS).status_code == 422


def test_a_reading_of_another_owner_is_not_found(newcomer: Publishing, bob: Owner) -> None:
    started = newcomer.owner.client.post("/sync/read", headers=HTMX)
    (address,) = started.page.select("//div[@id='reading']/@hx-get")
    assert newcomer.owner.client.get(address, headers=HTMX).status_code == 200
    assert bob.client.get(address, headers=HTMX).status_code == 404


def test_the_first_good_waits_for_what_the_community_has_already(newcomer: Publishing, tea: Stock) -> None:
    newcomer.market.add_item("Улун молочный", 30_000, sku="A-1", category_id=CATEGORY)
    newcomer.read()
    client = newcomer.owner.client
    answer = client.post("/sync/settings", data={**ANSWERS, "starts": "1"})
    assert answer.location == "/sync/listings"
    assert "так ничего не появится дважды" in client.get("/sync/listings").page.text
    newcomer.run_jobs()
    assert not [item for item in newcomer.items.values() if item.title != "Улун молочный"]


def test_the_category_that_most_groups_are_called_after_is_chosen_beforehand() -> None:
    paths = {1: "Еда → Чай", 2: "Дом → Посуда", 3: "Еда → Кофе и какао"}
    assert likely_category(paths, ["Чай", "Посуда для чая", "Чайники"]) == 1
    assert likely_category(paths, ["Посуда керамическая", "Кофейная посуда"]) == 2
    assert likely_category(paths, ["Сантехника"]) is None
    assert likely_category({}, ["Чай"]) is None


@pytest.mark.databases("postgresql")
def test_what_no_good_can_be_called_is_no_good_and_nowhere_a_failure(
    alice: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = "/sync/settings/picture?store_id=s1&product_id=%00"
    assert alice.client.get(address).status_code == 404
    # Nor would it be a failure of ours where nobody looks at it before the database does.
    monkeypatch.setattr(goods, "fits_id", lambda text: True)
    assert alice.client.get(address).status_code == 400


def test_an_old_page_takes_nothing_back_that_was_saved_elsewhere(publishing: Publishing, tea: Stock) -> None:
    client = publishing.owner.client
    publishing.read()
    old = all_of(publishing)
    newer = old | {"reserve": "3", "albums": "y", "name_template": "{name}!", "markup_percent": "7"}
    assert client.post("/sync/settings", data=newer).status_code == 303
    answer = client.post("/sync/settings", data=old | {"markup_percent": "5", "rounding": "9"})
    assert answer.status_code == 409
    assert "уже: 7." in answer.page.texts("//*[@id='markup_percent-error']")[0]
    assert len(answer.page.select("//*[@class='field-error']")) == 1
    shown = {box.get("name"): box.get("value") for box in answer.page.select("//main//form//input[@name]")}
    assert (shown["markup_percent"], shown["reserve"], shown["name_template"]) == ("5", "3", "{name}!")
    assert answer.page.select("//input[@name='albums']/@checked")
    kept = newer | {"markup_percent": "5", "rounding": "9", "seen": str(shown["seen"])}
    assert client.post("/sync/settings", data=kept).status_code == 303
    # The page of the first questions, left open, has nothing to say of the rest.
    first = client.post("/sync/settings", data=ANSWERS | {"seen": ""})
    assert (first.status_code, "уже: 5." in first.text) == (409, True)
    assert first.page.select("//input[@name='albums']/@checked")


def test_what_began_by_itself_ends_when_the_owner_wants_that_no_more(
    publishing: Publishing, tea: Stock, vk: VkWorld, tick: Callable[[], None]
) -> None:
    publishing.publish()
    publishing.read()
    publishing.choose(auto=True)
    tea.decide("product", "p2", "exclude")
    vk.trouble = "flood"
    tick()
    vk.trouble = None
    with publishing.owner.app.app_context():
        db.session.execute(update(Publication).values(resume_at=now()))
        db.session.commit()
    unticked = {name: value for name, value in all_of(publishing).items() if name != "auto"}
    assert publishing.owner.client.post("/sync/settings", data=unticked).status_code == 303
    tick()
    assert not publishing.items["A-2"].hidden


@pytest.mark.parametrize("number", ["1e9999999", "1e-9999999", "9" * 16, "9" * 5000, "sNaN", "+", "."])
def test_a_number_beyond_measure_is_refused_by_an_old_page_too(
    publishing: Publishing, tea: Stock, number: str
) -> None:
    old = {"reserve": number, "seen": "reserve=0 markup_percent=0"}
    answer = publishing.owner.client.post("/sync/settings", data=all_of(publishing) | old)
    assert answer.status_code == 409
    assert "Нужно число, например 10 или 12,5." in answer.page.texts("//*[@id='reserve-error']")[0]
