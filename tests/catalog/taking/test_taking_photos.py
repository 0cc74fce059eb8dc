"""Photos good after good: found by what is scanned or typed, taken, and on to the next."""

import io
from typing import Any

import pytest

from app.publishing.photos.refusal import DOUBLE
from tests.checking_client import CheckedResponse
from tests.databases import on_both
from tests.owners import Owner
from tests.publishing.photos.uploading import jpeg, shown
from tests.stock import Stock, product

ADDRESS = "/catalog/photos/take"
BARCODE = "4601234567890"


@pytest.fixture(autouse=True)
def tea(stock: Stock) -> None:
    """An oolong that two stores sell under two names, and goods that only look alike."""
    goods = [
        product("p1", "Улун молочный", barcodes=(BARCODE,), article_number="A-1", code="7"),
        product("p2", "Улун Алишань", article_number="A-12", code="77"),
        product("p3", "Ложка", code="B 5"),
    ]
    stock.put(products=goods)
    stock.put(
        "s2",
        "Киоск",
        products=[product("q1", "Чай улун", barcodes=(BARCODE,)), product("q2", "Ложка", code="9")],
    )


def asked(owner: Owner, q: str) -> CheckedResponse:
    return owner.client.get(ADDRESS, query_string={"q": q})


def take(owner: Owner, page: Any, *files: bytes, htmx: bool = False) -> CheckedResponse:
    """Send photos by the form of the good that the page shows."""
    numbers = page.select("//*[@id='take']//input[@name='good']/@value")
    data = {"good": numbers, "photo": [(io.BytesIO(content), "image.jpg") for content in files]}
    return owner.client.htmx_post(ADDRESS, data) if htmx else owner.client.post(ADDRESS, data=data)


@pytest.mark.parametrize(
    ("q", "name"),
    [(BARCODE, "Улун молочный"), ("a-1", "Улун молочный"), ("7", "Улун молочный"), ("b 5", "Ложка")],
)
def test_a_whole_code_finds_its_good_alone(alice: Owner, q: str, name: str) -> None:
    assert asked(alice, q).page.texts("//*[@id='found']") == [name]


@on_both
def test_a_name_finds_all_that_bear_it_and_one_of_them_is_chosen(alice: Owner) -> None:
    page = asked(alice, "улун").page
    assert page.texts("//ul[contains(@class, 'hits')]//a") == ["Улун Алишань", "Улун молочный", "Чай улун"]
    (link,) = page.select("//a[text()='Улун Алишань']/@href")
    assert alice.client.get(link).page.texts("//*[@id='found']") == ["Улун Алишань"]
    # Of one name in two stores: it is the same good.
    assert "Чайная, Киоск" in asked(alice, "ложка").page.text


def test_a_photo_goes_to_the_good_in_every_store_and_the_count_goes_down(alice: Owner) -> None:
    page = asked(alice, BARCODE).page
    assert "Осталось без фото: 5" in page.text
    answer = take(alice, page, jpeg())
    assert (answer.status_code, answer.location) == (303, ADDRESS)
    page = alice.client.get(ADDRESS).page
    assert "Фото сохранено: «Улун молочный»" in page.text and "Осталось без фото: 3" in page.text
    for store, good in (("s1", "p1"), ("s2", "q1")):
        assert len(shown(alice, {"store_id": store, "product_id": good})) == 1
    assert "уже есть 1 фото" in asked(alice, "A-1").page.text.replace("\xa0", " ")


def test_with_htmx_the_answer_is_ready_for_the_next_good(alice: Owner) -> None:
    answer = take(alice, asked(alice, "77").page, jpeg(), htmx=True)
    page = answer.page
    assert answer.status_code == 200 and not page.is_whole
    assert "Фото сохранено: «Улун Алишань». Осталось без фото: 4" in page.text
    assert page.select("//*[@id='take']/@data-next") == ["scan"]
    assert page.select("//input[@name='q'][@autofocus]/@value") == [""]
    assert page.select("//input[@type='file']") == []


def test_what_cannot_be_kept_is_said_beside_the_good(alice: Owner) -> None:
    page = asked(alice, "77").page
    for files, said in (((), "Выберите хотя бы одну"), ((b"%PDF-1.7",), "Это документ PDF")):
        answer = take(alice, page, *files)
        assert answer.status_code == 422 and said in answer.page.text
        assert answer.page.texts("//*[@id='found']") == ["Улун Алишань"]
    take(alice, page, jpeg())
    assert DOUBLE in take(alice, page, jpeg()).page.text


@pytest.mark.parametrize(
    "q", ["нет такого", "%", "_", '"', "'", "*", "«", "\\", "-", "a" * 300, "\x00", "NEAR(a b)"]
)
def test_what_is_not_found_is_said_so(alice: Owner, q: str) -> None:
    answer = asked(alice, q)
    assert answer.status_code == 200 and answer.page.select("//input[@name='good']") == []


@pytest.mark.parametrize("good", [[], ["0"], ["x"], ["9" * 5000], ["1", ""]])
def test_a_form_that_names_no_good_is_told_so(alice: Owner, good: list[str]) -> None:
    assert alice.client.post(ADDRESS, data={"good": good}).status_code == 400


def test_nobody_elses_good_is_found_or_photographed(alice: Owner, bob: Owner) -> None:
    Stock(bob).put(products=[product("b1", "Мой товар", code="1")])
    hers = asked(alice, "77").page
    assert take(bob, hers, jpeg()).status_code == 404
    (hers_number,) = hers.select("//input[@name='good']/@value")
    (own,) = asked(bob, "1").page.select("//input[@name='good']/@value")
    # Nor along with one's own.
    both = {"good": [own, hers_number], "photo": [(io.BytesIO(jpeg()), "a.jpg")]}
    assert bob.client.post(ADDRESS, data=both).status_code == 404
    assert asked(bob, BARCODE).page.select("//*[@id='found']") == []
    assert shown(alice, {"store_id": "s1", "product_id": "p2"}) == []


def test_the_camera_is_allowed_on_this_page_alone(alice: Owner) -> None:
    assert "camera=(self)" in alice.client.get(ADDRESS).headers["Permissions-Policy"]
    for other in ("/catalog", "/catalog/photos/archive", "/sync"):
        assert "camera=()" in alice.client.get(other).headers["Permissions-Policy"]


def test_a_search_takes_few_statements(alice: Owner, count_statements: Any) -> None:
    for q in (BARCODE, "улун"):
        with count_statements() as statements:
            asked(alice, q)
        assert len(statements) <= 12
