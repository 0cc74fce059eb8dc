"""What a plan and a price list read of groups: those that goods lie in, however many there are."""

import tracemalloc

from flask import Flask

from app.data.db import db
from app.publishing.feed.categories import categories_of
from app.publishing.goods import every_good_of, goods_on_offer
from app.rules.decide import INCLUDE
from tests.databases import on_both
from tests.owners import Owner
from tests.stock import Stock, group, product


@on_both
def test_groups_that_no_good_lies_in_take_no_memory(app: Flask, alice: Owner, stock: Stock) -> None:
    idle = [group(f"idle-{number}", f"Пустая группа {number}") for number in range(4_000)]
    stock.put(groups=[*idle, group("tea", "Чай", "idle-7")], products=[product("p1", group="tea")])
    stock.default(INCLUDE)
    with app.test_request_context(), db.engine.connect() as connection:
        assert [good.group_name for good in goods_on_offer(alice.id, connection)] == ["Чай"]
        tracemalloc.start()
        try:
            assert len(list(every_good_of(alice.id))) == 1
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert peak < 500_000
        names = [category.name for category in categories_of(alice.id, connection).values()]
    assert names == ["Пустая группа 7", "Чай", "Остальное"]
