"""The checks that every page of the other tests goes through do catch what they are for."""

import pytest

from tests.checking_client import BadPage, check_page

GOOD = """<!doctype html>
<html lang="ru">
<head><meta charset="utf-8"><title>Каталог — Витрина</title><script src="/static/a.js"></script></head>
<body><main><h1>Каталог</h1>
<form method="post"><input type="hidden" name="csrf_token" value="x"><button>Да</button></form>
<table><tbody><tr id="a"><td>1</td></tr></tbody></table></main></body></html>"""


def test_a_good_page_and_a_good_row_pass() -> None:
    check_page(GOOD)
    check_page('<tr id="row"><td>1</td></tr>')


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        pytest.param("<h1>Каталог</h1>", "", "one h1", id="no-heading"),
        pytest.param("<title>Каталог", "<title>Товары", "does not start", id="another-title"),
        pytest.param("<td>1</td>", '<td id="a">1</td>', "id used twice", id="id-twice"),
        pytest.param('name="csrf_token"', 'name="token"', "without csrf_token", id="no-csrf-token"),
        pytest.param("<td>1</td>", '<td style="color: red">1</td>', "inline", id="inline-style"),
        pytest.param("<td>1</td>", '<td onclick="go()">1</td>', "inline", id="inline-handler"),
        pytest.param("<td>1</td>", '<td><button hx-on:click="go()">x</button></td>', "eval", id="hx-on"),
        pytest.param(' src="/static/a.js"', "", "inline", id="inline-script"),
        pytest.param("/static/a.js", "https://cdn.example/a.js", "another host", id="foreign-script"),
        pytest.param("</td></tr>", "</b></td></tr>", "invalid HTML", id="stray-tag"),
        pytest.param("</form>", "", "invalid HTML", id="left-open"),
        pytest.param("</main>", "</main></div>", "invalid HTML", id="stray-tag-below"),
        pytest.param("<main>", "<div><main>", "invalid HTML", id="left-open-around"),
        pytest.param(' lang="ru"', "", "in Russian", id="no-language"),
    ],
)
def test_a_page_that_breaks_a_rule_is_refused(old: str, new: str, complaint: str) -> None:
    assert old in GOOD
    with pytest.raises(BadPage, match=complaint):
        check_page(GOOD.replace(old, new))


def test_a_row_that_breaks_a_rule_is_refused() -> None:
    with pytest.raises(BadPage, match="invalid HTML"):
        check_page("<tr><td>1</div></tr>")


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        pytest.param("<tr><td>Чай & кофе&copy</td></tr>", "invalid HTML", id="bare-ampersand"),
        pytest.param('<tr><td title="Чай "чёрный"">1</td></tr>', "invalid HTML", id="quotes-in-quotes"),
        pytest.param("<tr><td>Чай <крупный</td></tr>", "invalid HTML", id="bare-less-than"),
    ],
)
def test_a_name_that_is_not_escaped_is_refused_in_the_last_of_many_rows(row: str, complaint: str) -> None:
    good = "".join(f'<tr id="r{number}"><td title="Чай {number}">Чай</td></tr>' for number in range(3))
    check_page(good)
    with pytest.raises(BadPage, match=complaint):
        check_page(good + row)
