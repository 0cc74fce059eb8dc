"""An owner keeps a list of goods under a name, and finds it as a chip above its place's list."""

from threading import Barrier, Thread
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.catalog.views.forms import STANDING
from app.catalog.views.kept import LONGEST_NAME, MOST_VIEWS
from app.catalog.views.models import SavedViews
from app.mirror.forgetting import let_catalogue_go
from tests.catalog.lists.conftest import Changing
from tests.catalog.pages import ids_at
from tests.checking_client import CheckedResponse
from tests.owners import Owner
from tests.stock import Stock, group, product

GOODS, ALL, VIEWS = "/catalog/products?store_id=s1", "/catalog/all", "/catalog/views"
TEA, CHEAP = "q=чай", "sort=price&dir=desc"
CHIPS = "//nav[@id='chips']"


@pytest.fixture
def stock(stock: Stock) -> Stock:
    """Two stores of the same goods."""
    for store_id, name in (("s1", "Чайная"), ("s2", "Склад")):
        goods = [product("p1", "Чай чёрный", "tea"), product("p2", "Чашка", "tea")]
        stock.put(store_id, name, groups=[group("tea", "Чай")], products=goods)
    return stock


def keep(owner: Owner, name: str, state: str, store: str | None = "s1") -> CheckedResponse:
    """Keep a list under a name, by the form that its chip leads to."""
    place = f"store_id={store}&" if store else ""
    return owner.client.post(f"{VIEWS}?{place}{state}", data={"name": name})


def chips(owner: Owner, address: str) -> dict[str, str | None]:
    """The owner's views above a list: whether it is the list, in the words of `aria-current`."""
    found = owner.client.get(address).page.select(f"{CHIPS}/a[contains(@class, 'own')]")
    return {chip.text_content(): chip.get("aria-current") for chip in found}


def error_of(answer: CheckedResponse) -> str:
    assert answer.status_code == 422
    assert answer.page.select("//input[@name='name'][@aria-invalid='true'][@aria-describedby]")
    (said,) = answer.page.texts("//p[@class='field-error']")
    return said


def stored(session: Session, owner: Owner) -> list[Any]:
    session.expire_all()
    row = session.get(SavedViews, owner.id)
    return row.views if row else []


def test_a_narrowed_list_is_kept_found_shown_and_let_go(stock: Stock, alice: Owner):
    assert not alice.client.get(GOODS).page.select(f"{CHIPS}//*[contains(., 'вид')]")
    (keep_link,) = alice.client.get(f"{GOODS}&{TEA}&per_page=25").page.select(f"{CHIPS}/a[.='Сохранить вид']")
    form = alice.client.get(keep_link.get("href")).page
    (action,) = form.select("//main//form/@action")

    answer = alice.client.post(action, data={"name": "  Только   чай "}, follow_redirects=True)
    assert "Вид «Только чай» сохранён" in answer.page.text
    assert chips(alice, f"{GOODS}&{TEA}") == {"Только чай": "true"}
    assert chips(alice, f"{GOODS}&{TEA}&per_page=100") == {"Только чай": "true"}
    assert chips(alice, GOODS) == {"Только чай": None}
    assert not alice.client.get(f"{GOODS}&{TEA}").page.select(f"{CHIPS}/a[.='Сохранить вид']")
    (chip,) = alice.client.get(GOODS).page.select(f"{CHIPS}/a[.='Только чай']")
    assert ids_at(alice, chip.get("href")) == ["p1"]

    (away,) = alice.client.get(chip.get("href")).page.select(f"{CHIPS}/a[.='Только чай']/@href")
    assert ids_at(alice, away) == ["p1", "p2"]
    (remove,) = alice.client.get(chip.get("href")).page.select(f"{CHIPS}/form/@action")
    removed = alice.client.post(remove, follow_redirects=True).page
    assert "Вид «Только чай» убран" in removed.text
    assert chips(alice, GOODS) == {}
    (back,) = removed.select("//form[.//button[.='Вернуть']]")
    fields = {field.get("name"): field.get("value") for field in back.xpath(".//input")}
    alice.client.post(back.get("action"), data=fields)
    assert chips(alice, f"{GOODS}&{TEA}") == {"Только чай": "true"}


def test_each_place_has_views_of_its_own(stock: Stock, alice: Owner):
    keep(alice, "Дорогие", CHEAP)
    keep(alice, "Дорогие", TEA, "s2")
    keep(alice, "Всюду", f"{TEA}&{CHEAP}", None)
    assert chips(alice, f"{GOODS}&{CHEAP}") == {"Дорогие": "true"}
    assert chips(alice, "/catalog/products?store_id=s2") == {"Дорогие": None}
    assert chips(alice, f"{ALL}?{TEA}&{CHEAP}") == {"Всюду": "true"}
    assert chips(alice, f"{GOODS}&group_id=tea&{TEA}") == {}
    assert not alice.client.get(f"{GOODS}&group_id=tea&{TEA}").page.select(f"{CHIPS}/a[.='Сохранить вид']")


def test_what_is_kept_is_what_a_list_reads_and_no_more(stock: Stock, alice: Owner, db_session: Session):
    sent = "q=++чай++чёрный%00&sort=name&rule=none&per_page=100&after=x&folded=5&nested=0&of_group=a&evil=1"
    assert keep(alice, "Чай\u200b\u202e\x07 чёрный", sent).status_code == 303
    ((_, name, store_id, query),) = stored(db_session, alice)
    assert (name, store_id) == ("Чай чёрный", "s1")
    assert query == "q=%D1%87%D0%B0%D0%B9+%D1%87%D1%91%D1%80%D0%BD%D1%8B%D0%B9&rule=none"
    for unusable in ("sort=colour", "result=perhaps", "q=" + "ы" * 201, "", "per_page=100"):
        assert keep(alice, "Вид", unusable).status_code == 400, unusable
    assert keep(alice, "Вид", TEA, "nowhere").status_code == 404
    assert len(stored(db_session, alice)) == 1


def test_a_name_that_cannot_be_is_refused_beside_the_field(stock: Stock, alice: Owner):
    keep(alice, "Чай", TEA)
    for name, said in {
        " \u200b ": "Как назвать вид?",
        "ы" * (LONGEST_NAME + 1): "не больше 40 знаков",
        "ЧАЙ": "уже есть",
        "публикуется": "кнопка над списком",
    }.items():
        answer = keep(alice, name, CHEAP)
        assert said in error_of(answer)
    assert "под названием «Чай»" in error_of(keep(alice, "Другое", TEA))
    assert keep(alice, "ы" * LONGEST_NAME, CHEAP).status_code == 303


def test_a_second_click_on_what_keeps_a_view_finds_it_kept(stock: Stock, alice: Owner, db_session: Session):
    answers = [keep(alice, "Чай", TEA) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert len(stored(db_session, alice)) == 1


def test_no_view_is_called_as_what_stands_above_the_list_already(stock: Stock, alice: Owner):
    keep(alice, "Свой", TEA)
    pages = [alice.client.get(address).page for address in (GOODS, f"{GOODS}&{CHEAP}", f"{GOODS}&{TEA}")]
    words = {text for page in pages for text in page.texts(f"{CHIPS}//*[contains(@class, 'chip')]")}
    assert {word.removesuffix(" «Свой»") for word in words} == {*STANDING, "Свой"}


def test_so_many_and_no_more_but_those_of_stores_that_are_gone_make_room(
    stock: Stock, alice: Owner, changing: Changing
):
    keep(alice, "Прежний", TEA, "s2")
    for number in range(1, MOST_VIEWS):
        assert keep(alice, f"Вид {number}", f"q={number}").status_code == 303
    assert "Видов уже 20" in error_of(keep(alice, "Лишний", "q=лишний"))
    changing.refresh(s2=None)
    assert keep(alice, "Последний", "q=последний").status_code == 303
    assert len(chips(alice, GOODS)) == MOST_VIEWS
    assert "Видов уже 20" in error_of(keep(alice, "Лишний", "q=лишний"))


def test_a_view_of_a_store_that_is_gone_waits_for_it_and_breaks_nothing(
    stock: Stock, alice: Owner, changing: Changing, db_session: Session
):
    keep(alice, "Склад", TEA, "s2")
    keep(alice, "Всюду", CHEAP, None)
    changing.refresh(s2=None)
    # The list of the only store is that of all stores.
    assert chips(alice, f"{GOODS}&{CHEAP}") == {"Всюду": "true"}
    (href,) = alice.client.get(GOODS).page.select(f"{CHIPS}/a[.='Всюду']/@href")
    assert ids_at(alice, href) == ["p2", "p1"]
    changing.refresh(s2=[product("p1", "Чай")])
    assert chips(alice, "/catalog/products?store_id=s2") == {"Склад": None}

    changing.refresh(s2=None)
    key = stored(db_session, alice)[0][0]
    assert alice.client.post(f"{VIEWS}/{key}/delete").location == "/catalog"
    assert alice.client.post(f"{VIEWS}/{key}/delete").status_code == 404


def test_another_merchant_finds_the_views_of_all_stores_as_rules_are_found(stock: Stock, alice: Owner):
    keep(alice, "Склад", TEA, "s2")
    keep(alice, "Всюду", TEA, None)
    with alice.app.app_context():
        let_catalogue_go(alice.id)
    for store_id in ("n1", "n2"):
        stock.put(store_id, products=[product("p1", "Чай")])
    assert chips(alice, ALL) == {"Всюду": None}
    assert chips(alice, "/catalog/products?store_id=n1") == {}


def test_what_lists_offer_no_more_is_left_out(stock: Stock, alice: Owner, db_session: Session):
    db_session.add(SavedViews(user_id=alice.id, views=[["k", "Старый", "s1", "result=perhaps"]]))
    db_session.commit()
    assert chips(alice, GOODS) == {}
    assert alice.client.post(f"{VIEWS}/k/delete").location == "/catalog"


def test_owners_of_the_same_stores_have_views_of_their_own(
    stock: Stock, alice: Owner, bob: Owner, db_session: Session
):
    Stock(bob).put("s1", "Чайная", products=[product("p1", "Чай")])
    Stock(bob).put("s2", "Склад", products=[product("p1", "Чай")])
    for store in ("s1", None):
        keep(alice, "Её", TEA, store)
    for key, *_ in stored(db_session, alice):
        assert bob.client.post(f"{VIEWS}/{key}/delete").status_code == 404
    assert chips(bob, GOODS) == chips(bob, ALL) == {}
    keep(bob, "Её", CHEAP)
    assert chips(alice, GOODS) == {"Её": None} and len(stored(db_session, alice)) == 2
    assert chips(bob, f"{GOODS}&{CHEAP}") == {"Её": "true"}


@pytest.mark.databases("sqlite", "postgresql")
def test_views_that_are_kept_at_once_are_all_kept_and_a_name_once(
    stock: Stock, alice: Owner, db_session: Session
):
    names = ["Чай", "Чай", "Чашки", "Кружки"]
    start, codes = Barrier(len(names)), []

    def save(name: str, words: str) -> None:
        client = alice.app.test_client()
        cookie = alice.client.get_cookie("session")
        assert cookie is not None
        client.set_cookie("session", cookie.value)
        form = {"name": name, "csrf_token": client.csrf_token()}  # type: ignore[attr-defined]
        start.wait()
        codes.append(client.post(f"{VIEWS}?store_id=s1&q={words}", data=form).status_code)

    threads = [Thread(target=save, args=(name, str(number))) for number, name in enumerate(names)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == [303, 303, 303, 422]
    assert sorted(name for _, name, *_ in stored(db_session, alice)) == sorted(set(names))


def test_views_cost_a_list_no_statement(stock: Stock, alice: Owner, count_statements: Any):
    counts = []
    for name in (None, "Чай", "Дорогие"):
        if name:
            keep(alice, name, f"q={name}")
            keep(alice, name, f"q={name}", None)
        for address in (GOODS, ALL):
            with count_statements() as statements:
                alice.client.get(address)
            counts.append(len(statements))
    assert set(counts) == {5}
