"""What a search asks of each name: so many words whatever was typed, nothing that some of them make long."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Column, MetaData, String, Table, literal, select

from app.data.db import db
from app.mirror.holding import holds, overlap
from app.mirror.search import begins_words, has_words, has_words_in_any_case
from tests.databases import on_both

NAME: Any = Table("names", MetaData(), Column("name", String)).c.name
SEARCHES = [has_words, begins_words, has_words_in_any_case]
LONGEST = 200


@on_both
@pytest.mark.parametrize("search", SEARCHES)
@pytest.mark.parametrize("q", ["а " * 99 + "zz", " ".join("ёЁйЙцЦуУкКеЕнНгГшШ" * 5), "Ёж " * 66])
def test_a_search_asks_few_questions_however_many_words_are_typed(
    app: Flask, search: Callable[..., Any], q: str
) -> None:
    with app.app_context():
        condition = search(NAME, q[:LONGEST])
        values = condition.compile(dialect=db.engine.dialect).params.values()
    # Eight words, each in at most six ways of writing it.
    assert len([each for each in values if isinstance(each, str)]) <= 8 * 6


@on_both
@pytest.mark.parametrize("search", SEARCHES)
def test_no_long_word_is_asked_for_by_like(app: Flask, search: Callable[..., Any]) -> None:
    """«ааа…б» in a name of «а» takes it the product of both lengths: seconds for a shop of 20 000 goods."""
    for word in ("а" * 198 + "б", "а б в г д е ж " + "а" * 150 + "б"):
        with app.app_context():
            values = search(NAME, word).compile(dialect=db.engine.dialect).params.values()
        assert max((len(each) for each in values if isinstance(each, str) and "%" in each), default=0) <= 40


@on_both
def test_what_is_asked_for_by_like_is_short_altogether(app: Flask) -> None:
    """«ааа…б» six times over took PostgreSQL seven seconds for a shop of 100 000 goods."""
    long = " ".join("а" * 22 + letter for letter in "бвгдежзи")
    with app.app_context():
        values = has_words(NAME, long).compile(dialect=db.engine.dialect).params.values()
    assert sum(len(each.strip("%")) for each in values if isinstance(each, str) and "%" in each) <= 32


@on_both
def test_a_word_that_stands_in_another_is_not_asked_for(app: Flask) -> None:
    within = " ".join("а" * length + "б" for length in range(24, 30))

    def asked(q: str) -> list[str]:
        with app.app_context():
            values = has_words(NAME, q).compile(dialect=db.engine.dialect).params.values()
        return sorted({each.strip("%") for each in values if isinstance(each, str)})

    assert asked(within) == asked("а" * 29 + "б")
    assert asked("улун лун у") == asked("улун")
    # Two letters have to begin a word.
    assert asked("улун ун") != asked("улун")


@on_both
@pytest.mark.parametrize(
    ("text", "part", "is_held"),
    [
        ("Чай 100% улун", "100%", True),
        ("Чай 1000 улун", "100%", False),
        ("Чай a_b", "a_b", True),
        ("Чай acb", "a_b", False),
        ("Чай\\улун", "й\\у", True),
        ("Улун", "улун", False),
        ("а" * 40 + "б", "а" * 39 + "б", True),
        ("а" * 40 + "б", "а" * 39 + "в", False),
    ],
)
def test_a_text_holds_what_stands_in_it_letter_by_letter(
    app: Flask, text: str, part: str, is_held: bool
) -> None:
    with app.app_context():
        assert bool(db.session.scalar(select(holds(literal(text), part)))) is is_held


@on_both
@pytest.mark.parametrize(
    ("name", "q", "is_found"),
    [
        ("а" * 150 + "бв", "а" * 120 + "б", True),
        ("а" * 150 + "бв", "а" * 120 + "в", False),
        ("чай " + "а" * 150, "чай " + "а" * 150, True),
        ("а б в г д е ж з и к", "и к а б в г д з ж", False),
        ("а б в г д е ж з и к", "а б в г д е ж з и", True),
        ("улуны", "улун лун у", True),
        ("улу ны", "улун лун у", False),
        (
            "бандероли праздничные подарочным покупателям",
            "праздничные бандероли подарочным покупателям",
            True,
        ),
        (
            "бандероли праздничные подарочных покупателям",
            "праздничные бандероли подарочным покупателям",
            False,
        ),
    ],
)
def test_long_words_and_many_are_found_as_others_are(app: Flask, name: str, q: str, is_found: bool) -> None:
    with app.app_context():
        for search in (has_words, has_words_in_any_case):
            assert bool(db.session.scalar(select(search(literal(name), q)))) is is_found, search


@pytest.mark.parametrize(
    ("word", "common"), [("", 0), ("чай", 0), ("мама", 2), ("ааааб", 3), ("бааааа", 4), ("абвабвабг", 5)]
)
def test_a_word_is_known_to_begin_anew_within_itself(word: str, common: int) -> None:
    assert overlap(word) == common
