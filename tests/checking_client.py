"""A test client that checks every HTML answer any test gets."""

import re
import secrets
from collections import Counter
from functools import lru_cache
from typing import Any

import html5lib
import lxml.html
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from lxml.etree import _Element
from werkzeug.test import TestResponse

_INLINE = "//script[not(@src)] | //style | //*[@style] | //*[@*[starts-with(name(), 'on')]]"
_NEEDS_EVAL = (
    "//*[@*[starts-with(name(), 'hx-on') or starts-with(., 'js:') or starts-with(., 'javascript:')]]"
)
_TOKEN = re.compile(r'((?:name="csrf_token"[^>]* value=|"X-CSRFToken": )")[^"]+')

# What makes no difference to whether HTML is well formed: values of attributes, texts, one more such row.
_HARMLESS = r"[^<>&\"]*(?:&(?:amp|lt|gt|#34|#39);[^<>&\"]*)*"
_VALUE = re.compile(rf'="{_HARMLESS}"')
_WORDS = re.compile(rf">(?=\s*[^\s<]){_HARMLESS}<")
_ROW = re.compile(r"<(tr|option)\b.*?</\1>\s*", re.DOTALL)
# What pages differ in, and around it what most of them share.
_MAIN = re.compile(r"<main\b.*</main>", re.DOTALL)

_PARTIAL = re.compile("(<hx-partial[^>]*>)(.*?)(</hx-partial>)", re.DOTALL)


class BadPage(AssertionError):
    """An HTML answer breaks a rule that holds for every page."""


class Page:
    """A parsed HTML answer."""

    def __init__(self, text: str) -> None:
        self.is_whole = text.lstrip()[:9].lower() == "<!doctype"
        self.tree: _Element = lxml.html.fromstring(text if self.is_whole else _in_table(text))

    def select(self, xpath: str) -> list[_Element]:
        """Find elements by XPath."""
        return self.tree.xpath(xpath)

    def texts(self, xpath: str) -> list[str]:
        """The visible text of each element found, with blanks collapsed."""
        return [_text(element) for element in self.select(xpath)]

    @property
    def text(self) -> str:
        """All visible text, with blanks collapsed."""
        body = self.tree.find("body")
        return _text(self.tree if body is None else body)


@lru_cache(maxsize=20)
def _parsed(text: str) -> Page:
    """Give a page that was checked a moment ago, or is asked for line by line."""
    return Page(text)


class CheckedResponse(TestResponse):
    """An answer; `page` is its HTML."""

    @property
    def page(self) -> Page:
        return _parsed(self.text)


class CheckingClient(FlaskClient):
    """A browser without JavaScript: it carries the CSRF token in its forms and trusts no page."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.response_wrapper = type("Checked", (CheckedResponse, self.application.response_class), {})

    def open(self, *args: Any, **kwargs: Any) -> CheckedResponse:
        response = super().open(*args, **kwargs)
        # The client puts a big upload into a temporary file and leaves it open.
        response.request.environ["wsgi.input"].close()
        _check_length(response)
        # The body of a redirect is the framework's own, and no browser shows it.
        is_redirect = 300 <= response.status_code < 400
        if response.mimetype == "text/html" and response.data.strip() and not is_redirect:
            check_page(response.text)
        return response  # type: ignore[return-value]

    def get(self, *args: Any, **kwargs: Any) -> CheckedResponse:
        return super().get(*args, **kwargs)  # type: ignore[return-value]

    def post(self, *args: Any, csrf: bool = True, **kwargs: Any) -> CheckedResponse:
        """POST a form with this visitor's CSRF token; `csrf=False` leaves it out."""
        if csrf and "json" not in kwargs:
            kwargs["data"] = {"csrf_token": self.csrf_token(), **(kwargs.get("data") or {})}
        return super().post(*args, **kwargs)  # type: ignore[return-value]

    def htmx_get(self, url: str, **headers: str) -> CheckedResponse:
        """GET a fragment as HTMX does."""
        return self.get(url, headers=self._htmx_headers(headers))

    def htmx_post(self, url: str, data: dict[str, Any] | None = None, **headers: str) -> CheckedResponse:
        """POST as HTMX does: the CSRF token goes in a header."""
        token = {"X-CSRFToken": self.csrf_token()}
        return self.post(url, data=data, csrf=False, headers=self._htmx_headers({**token, **headers}))

    def csrf_token(self) -> str:
        """A CSRF token that fits this visitor's session."""
        with self.session_transaction() as session:
            secret = session.setdefault("csrf_token", secrets.token_hex(20))
        return URLSafeTimedSerializer(self.application.secret_key, salt="wtf-csrf-token").dumps(secret)  # type: ignore[arg-type]

    @staticmethod
    def _htmx_headers(more: dict[str, str]) -> dict[str, str]:
        return {"HX-Request": "true", "HX-Request-Type": "partial", **more}


def _check_length(response: TestResponse) -> None:
    # A real server sends no more than was told, so that a wrong length cuts the answer off.
    told = response.content_length
    if told is not None and response.request.method != "HEAD" and response.status_code != 304:
        assert told == len(response.data), f"{told} bytes were told, {len(response.data)} came"


def check_page(text: str) -> None:
    """Raise BadPage unless the HTML is valid and keeps the rules of every page or fragment."""
    # Tests see the same pages again and again, but for the token.
    known = hash(tokenless := _TOKEN.sub(r"\1token", text))
    if known not in _faultless:
        _check(_parsed(text), tokenless)
        _faultless.add(known)


_faultless: set[int] = set()


def _check(page: Page, text: str) -> None:
    for part, container in _pieces(page, text):
        try:
            _parse_strictly(_shape(part), container)
        except BadPage:
            # Says where it is in the page as it is.
            _parse_strictly(part, container)
            raise
    _refuse("an id used twice", [i for i, n in Counter(page.select("//@id")).items() if n > 1])
    _refuse("inline script or style", page.select(_INLINE))
    _refuse("an attribute that a template left empty", page.select("//*[@*[. = 'None']]"))
    _refuse("an attribute that needs eval", page.select(_NEEDS_EVAL))
    _refuse(
        "a link to another host",
        page.select("//script[contains(@src, '//')] | //link[contains(@href, '//')]"),
    )
    if page.is_whole:
        _check_whole(page)


@lru_cache(maxsize=10_000)
def _parse_strictly(html: str, container: str | None) -> None:
    parser = html5lib.HTMLParser(strict=True)
    try:
        parser.parse(html) if container is None else parser.parseFragment(html, container=container)
    except html5lib.html5parser.ParseError as error:
        line, column = parser.errors[-1][0] if parser.errors else (0, 0)
        raise BadPage(f"invalid HTML at {line}:{column}: {error}\n{html}") from None


def _shape(html: str) -> str:
    """Give the HTML without values and words, and rows of a kind once; parsing strictly is slow."""
    rows: set[str] = set()

    def once(row: re.Match[str]) -> str:
        is_new = row[0] not in rows
        rows.add(row[0])
        return row[0] if is_new else ""

    return _ROW.sub(once, _WORDS.sub(">text<", _VALUE.sub('=""', html)))


def _check_whole(page: Page) -> None:
    headings = page.texts("//h1")
    if len(headings) != 1:
        raise BadPage(f"a page has one h1, not {headings}")
    titles = page.texts("//head/title")
    if len(titles) != 1 or not titles[0].startswith(headings[0]):
        raise BadPage(f"the title {titles} does not start with the h1 {headings[0]!r}")
    if page.select("/html/@lang") not in (["ru"], ["en"]):
        raise BadPage("a page says that it is in Russian, or in English")
    unprotected = "//form[translate(@method, 'POST', 'post') = 'post'][not(.//input[@name = 'csrf_token'])]"
    _refuse("a POST form without csrf_token", page.select(unprotected))


def _refuse(what: str, found: list[Any]) -> None:
    if found:
        shown = [
            lxml.html.tostring(f, encoding="unicode") if isinstance(f, _Element) else f for f in found[:3]
        ]
        raise BadPage(f"{what}: {shown}")


def _text(element: _Element) -> str:
    return " ".join(str(element.xpath("string()")).split())


def _pieces(page: Page, text: str) -> list[tuple[str, str | None]]:
    """What is well formed by itself, with the element that it stands in; None for a whole page."""
    if not page.is_whole:
        return [(part, _container(part)) for part in _parts(text)]
    main = _MAIN.search(text) if page.select("/html/body/main") else None
    if main is None:
        return [(text, None)]
    return [(text[: main.start()] + "<main></main>" + text[main.end() :], None), (main[0], "body")]


def _container(text: str) -> str:
    return "tbody" if text.lstrip().startswith("<tr") else "div"


def _parts(text: str) -> list[str]:
    """What HTMX swaps apart: the answer itself, and the inside of each of its partials."""
    return [_PARTIAL.sub("", text), *(inside for _, inside, _ in _PARTIAL.findall(text))]


def _in_table(text: str) -> str:
    # A parser drops a <tr> that stands outside a table.
    own, *_ = _parts(text)
    partials = [f"{begin}{_tabled(inside)}{end}" for begin, inside, end in _PARTIAL.findall(text)]
    return f"<div>{_tabled(own)}{''.join(partials)}</div>"


def _tabled(text: str) -> str:
    return f"<table><tbody>{text}</tbody></table>" if _container(text) == "tbody" else text
