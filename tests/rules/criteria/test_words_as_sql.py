"""Words of conditions as SQL: a name is taken apart once, however many conditions there are."""

from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Numeric, cast, literal, null, select

from app.data.db import db
from app.rules.criteria.as_sql import key_of_first
from app.rules.criteria.criterion import (
    BETWEEN_WORDS,
    MOST_CRITERIA,
    NO_PRICE,
    WORD,
    Criterion,
)
from tests.databases import on_both
from tests.rules.shops import Facts, first_met


def word(key: str, text: str, *, is_part: bool = False) -> Criterion:
    return Criterion(key, "exclude", WORD, text=text, is_part=is_part)


def met(criteria: list[Criterion], name: str) -> str | None:
    """The key of the first condition that a good of this name, without a price, meets; by SQL."""
    goods: Any = SimpleNamespace(sort_name=literal(name), price=cast(null(), Numeric))
    return db.session.scalar(select(key_of_first(criteria, 1, goods)))


@on_both
def test_every_sign_between_words_ends_one(app: Flask) -> None:
    name = "".join(f"{sign}слово{number}" for number, sign in enumerate(BETWEEN_WORDS.replace("\0", "")))
    with app.app_context():
        for number in range(len(BETWEEN_WORDS)):
            assert met([word("k", f"слово{number}")], name) == "k"
        assert met([word("k", "слов")], name) is None


@on_both
@pytest.mark.parametrize("name", ["чай улун", "чайник", "«чай», улун!", "сок", "100%_", "улун чайный"])
def test_the_first_condition_decides_among_words_parts_of_words_and_others(app: Flask, name: str) -> None:
    words = [
        word("whole", "чай улун"),
        word("one", "чай"),
        word("part", "чай", is_part=True),
        word("p", "100"),
    ]
    other = Criterion("price", "include", NO_PRICE)
    facts = Facts(None, None, None, name, has_photo=False)
    with app.app_context():
        for place in range(len(words) + 1):
            for criteria in ([*words[:place], other, *words[place:]], words[place:], words[:place]):
                first = first_met(criteria, facts)
                assert met(criteria, name) == (first and first.key)


@on_both
def test_a_name_is_taken_apart_once_and_no_word_is_asked_for_by_like(app: Flask) -> None:
    criteria = [
        word(f"k{number}", f"чай улун {'а' * 80}{number}", is_part=number % 2 > 0)
        for number in range(MOST_CRITERIA)
    ]
    with app.app_context():
        goods: Any = SimpleNamespace(sort_name=literal("чай"))
        sql = str(select(key_of_first(criteria, 1, goods)).compile(dialect=db.engine.dialect))
        assert met(criteria, "чай улун " + "а" * 80 + "4") == "k4"
        assert met(criteria, "чай улун " + "а" * 80 + "5") == "k5"
    assert sql.count("AS MATERIALIZED") == 1
    assert "LIKE" not in sql and "GLOB" not in sql
