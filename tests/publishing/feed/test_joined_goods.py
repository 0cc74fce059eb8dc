"""Goods of several stores that are one in a price list: as in a plan, and no others are held in memory."""

from itertools import product as pairs
from random import Random

import pytest

from app.publishing.feed import joins as feed_joins
from app.publishing.feed.joins import joined
from app.publishing.planning.good import Good
from app.publishing.planning.joins import Answer, Joins
from app.publishing.planning.merging import merged
from app.publishing.planning.settings import Settings

SETTINGS = Settings(merge_by="article")
MARKS = ("A", "B", "C", None)


def some_goods(chance: Random) -> list[Good]:
    return [
        Good(store, f"p{number}", "Чай", article=chance.choice(MARKS))
        for store, number in pairs(("s1", "s2", "s3"), range(3))
    ]


def some_joins(chance: Random, goods: list[Good]) -> Joins:
    def about() -> frozenset[tuple[str, str]] | None:
        return chance.choice([None, frozenset(good.key for good in goods if chance.random() < 0.8)])

    answers = {
        mark: Answer(chance.random() < 0.6, about()) for mark in MARKS if mark and chance.random() < 0.4
    }
    listed = {good.key: chance.choice([1, 2]) for good in goods if chance.random() < 0.3}
    return Joins(answers, listed)


def test_a_price_list_joins_what_a_plan_joins() -> None:
    for seed in range(200):
        chance = Random(seed)
        goods = some_goods(chance)
        joins = some_joins(chance, goods)
        planned = merged(goods, SETTINGS, joins).shelves
        offered = list(joined(goods, SETTINGS, joins))
        assert sorted(offered, key=str) == sorted(planned, key=str), seed


def test_goods_that_nobody_called_one_are_not_held(monkeypatch: pytest.MonkeyPatch) -> None:
    held: list[Good] = []

    def note(goods: list[Good], *rest: object) -> object:
        held.extend(goods)
        return merged(goods, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(feed_joins, "merged", note)
    goods = [Good(store, "p", "Чай", article=mark) for store in ("s1", "s2") for mark in ("A", "B")]
    offers = joined(goods, SETTINGS, Joins({"B": Answer(is_one=True)}))
    assert list(offers) == [(goods[0],), (goods[2],), (goods[1], goods[3])]
    assert held == [goods[1], goods[3]]
