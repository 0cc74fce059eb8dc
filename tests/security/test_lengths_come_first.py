"""No text costs more than its length: that is known before anything is normalised, or searched through."""

import ast
import logging
import time
import unicodedata
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.datastructures import ImmutableMultiDict

from app.catalog.views.forms import tidied
from app.clients.vk.fields import web_address
from app.composed import composed
from app.data.types import now
from app.logs import ForMachines
from app.publishing.photos.archive.file_names import shown_name
from app.publishing.settings.models import PublicationSettings
from app.web.security import local_path
from tests.owners import Owner
from tests.security.test_owner_isolation import attempts, ids_of_all
from tests.web.test_security import posts

ROOT = Path(__file__).parents[2]
# What normalises, or does within; and who may: the length is known there, or the text the administrator's.
# What decodes entities reads numbers, too, and fails for one of 5000 digits.
KNOWN = {
    "unescape": {"app/entities.py"},
    "unicodedata": {"app/composed.py"},
    "validate_email": {"app/accounts/forms.py"},
    "urlsplit": {"app/config.py", "app/operations/doctor.py", "app/web/security.py", "app/work/mail.py"},
    **{name: set[str]() for name in ("urlparse", "urljoin", "secure_filename", "idna", "stringprep")},
}
# Where the time goes with the square, more takes seconds.
LENGTH = 20_000
MARKS = "a" + "\u0301" * (LENGTH // 2) + "\u0316" * (LENGTH // 2)
LONG = MARKS + "".join(sign * LENGTH for sign in " 1/<,") + "x"
SECONDS = 0.4


@pytest.fixture
def normalised(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The lengths of what is normalised."""
    lengths: list[int] = []
    normalize = unicodedata.normalize

    def noted(form: Any, text: str) -> str:
        lengths.append(len(text))
        return normalize(form, text[:1000])

    monkeypatch.setattr(unicodedata, "normalize", noted)
    return lengths


def names_in(code: str) -> Iterator[str]:
    """Every name that a module imports, and every one behind a point."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from (part for alias in node.names for part in alias.name.split("."))
            yield from (getattr(node, "module", None) or "").split(".")
        elif isinstance(node, ast.Attribute):
            yield node.attr


def test_those_that_normalise_or_decode_are_known() -> None:
    found: dict[str, set[str]] = {name: set() for name in KNOWN}
    for source in (ROOT / "app").rglob("*.py"):
        code = source.read_text()
        if any(name in code for name in found):
            for name in found.keys() & set(names_in(code)):
                found[name].add(source.relative_to(ROOT).as_posix())
    assert found == KNOWN


def test_what_is_too_long_stays_so_and_what_is_not_stays_whole() -> None:
    # Those behind are none that consist of others.
    letters = "x".join(map(chr, (*range(0xD800), *range(0xE000, 0x30000))))
    apart = unicodedata.normalize("NFD", letters).split("x")
    assert max(map(len, apart)) == 4, "`composed` counts on it"
    assert composed("α\u0313\u0300\u0345" * 40, 40) == "ᾂ" * 40
    assert len(composed("α\u0313\u0300\u0345" * 80, 40)) == 41
    assert composed("", 40) == ""


def test_names_of_files_and_of_views_are_cut_before_they_are_composed(normalised: list[int]) -> None:
    name = shown_name(f"a/{MARKS}\\{MARKS}.jpg")
    assert len(name) <= 255 and name.endswith(".jpg")
    assert len(shown_name("\ufb2c" * 255)) == 251, "each is three letters, composed"
    assert shown_name("и\u0306" * 127) == "й" * 127
    assert tidied(" и\u0306\u200b  и\u200b\u0306 ") == "й й"
    assert len(tidied(MARKS)) > 40
    assert 0 < max(normalised) <= 255


def test_the_hosts_of_addresses_are_not_normalised(app: Flask, normalised: list[int]) -> None:
    with app.test_request_context():
        assert local_path("//" + MARKS[:7000]) is None
        assert local_path("http://" + MARKS[:7000] + "/catalog") is None
        assert local_path("/catalog?q=" + MARKS[:7000]) is not None
    assert web_address("https://" + MARKS[:1900]) is None
    assert web_address("HTTPS://vk.com?" + MARKS[:1900]) is not None
    assert not normalised


@pytest.mark.parametrize("text", ["x", "/", "\n", "-\n", "a@", "/?", "(", "."])
def test_a_line_of_the_log_takes_no_longer_than_it_is_long(text: str) -> None:
    record = logging.LogRecord("app", logging.ERROR, "", 1, text * LENGTH, None, None)
    started = time.thread_time()
    ForMachines().format(record)
    assert time.thread_time() - started < SECONDS


class Everything(ImmutableMultiDict[str, str]):
    """The fields of a form, and a long text in each other that is asked for, whatever its name."""

    def __contains__(self, name: object) -> bool:
        return name != "csrf_token"

    def __bool__(self) -> bool:
        return True

    def __getitem__(self, name: str) -> str:
        return self.getlist(name)[0]

    def get(self, name: str, default: Any = None, type: Any = None) -> Any:  # type: ignore[override]
        return (self.getlist(name) if name in self else [default])[0]

    def getlist(self, name: str, type: Any = None) -> list[Any]:
        return super().getlist(name) or [LONG]


@pytest.fixture
def spent(app: Flask, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Fill every form that is read with long texts; the seconds of CPU that each answer took."""
    taken: list[float] = []
    answer = app.wsgi_app

    class Filled(app.request_class):  # type: ignore[name-defined]
        @cached_property
        def form(self) -> Everything:
            return Everything(super().form)

    def timed(*args: Any) -> Any:
        started = time.thread_time()
        try:
            return answer(*args)
        finally:
            taken.append(time.thread_time() - started)

    monkeypatch.setattr(app, "request_class", Filled)
    monkeypatch.setattr(app, "wsgi_app", timed)
    return taken


def test_no_field_of_any_form_costs_more_than_its_length(
    alice: Owner,
    db_session: Session,
    run_jobs: Callable[[], None],
    normalised: list[int],
    request: pytest.FixtureRequest,
) -> None:
    tries = attempts(ids_of_all(alice, db_session, run_jobs))
    # All settings are asked for when the first questions have been answered.
    db_session.get_one(PublicationSettings, alice.id).configured_at = now()
    known = [each for route, some in tries.items() if route.startswith("POST") for each in some]
    without_ids = [(address, query, dict[str, str]()) for address, query, fields in known if fields]
    forms = [*((address, {}, {}) for address in posts(alice.app)), *without_ids, *known]
    spent: list[float] = request.getfixturevalue("spent")
    for address, query, fields in forms:
        alice.sign_in_again(db_session)
        headers = {"X-CSRFToken": alice.client.csrf_token()}
        # Nothing looks at the page, as the client of the tests would.
        with FlaskClient.post(
            alice.client, address, query_string=query, data=fields, headers=headers
        ) as answer:
            assert answer.status_code < 500 and spent[-1] < SECONDS, (address, fields, spent[-1])
    assert max(normalised) <= 1024
