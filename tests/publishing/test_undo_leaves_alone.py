"""What taking a run back leaves alone: what its owner excludes by now, and what later runs have touched."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.data.db import db
from app.mirror.models import CachedProduct, NewProduct
from app.publishing.run import removing
from app.publishing.run.models import Publication
from app.rules.criteria.criterion import WORD, Criterion
from app.rules.decide import EXCLUDE
from app.rules.policy import Policy
from app.rules.waiting import WAIT
from sandbox.vk.world import VkWorld
from tests.databases import on_both
from tests.publishing.conftest import GOODS, Publishing
from tests.publishing.test_removing import delete
from tests.stock import Stock, group

pytestmark = pytest.mark.usefixtures("hasty")

TakeBack = Callable[[Publication], Publication]


def put(stock: Stock, **first: Any) -> None:
    """Bring the till to the three goods, the first of them changed."""
    stock.put(products=[GOODS[0]._replace(**first), *GOODS[1:]])


def words(publishing: Publishing, run: Publication) -> str:
    """What the page of a run says."""
    return " ".join(publishing.owner.client.get(f"/sync/publish/{run.id}").page.text.split())


def sell_out(publishing: Publishing, tea: Stock) -> Publication:
    """Publish all, and hide the first good by another run, given, since nothing is left of it."""
    publishing.publish()
    put(tea, quantity=0)
    run = publishing.publish()
    assert publishing.items["A-1"].hidden
    put(tea)
    return run


@on_both
def test_what_rules_exclude_by_now_is_not_shown(
    publishing: Publishing, tea: Stock, take_back: TakeBack
) -> None:
    run = sell_out(publishing, tea)
    tea.decide("product", "p1", "exclude")
    undone = take_back(run)
    assert publishing.items["A-1"].hidden and (undone.status, undone.blocked) == ("done", 1)
    said = words(publishing, undone)
    assert "Оставлено как есть: 1 товар" in said and "правила их исключают" in said
    assert "всё уже было так" not in said


def test_what_its_run_has_hidden_by_a_rule_is_shown_once_the_rule_is_off(
    publishing: Publishing, tea: Stock, take_back: TakeBack
) -> None:
    publishing.publish()
    tea.decide("product", "p1", "exclude")
    run = publishing.publish()
    tea.decide("product", "p1", None)
    undone = take_back(run)
    assert not publishing.items["A-1"].hidden and undone.blocked == 0


@on_both
@pytest.mark.parametrize("is_gone", [False, True])
def test_a_new_good_that_waits_for_its_owner_is_not_shown(
    publishing: Publishing, tea: Stock, take_back: TakeBack, app: Flask, *, is_gone: bool
) -> None:
    run = sell_out(publishing, tea)
    with app.app_context():
        good = db.session.scalars(select(CachedProduct).filter_by(evotor_id="p1")).one()
        db.session.add(NewProduct(user_id=good.user_id, product_id=good.id))
        db.session.commit()
    publishing.choose(new_goods=WAIT)
    if is_gone:
        tea.put(products=GOODS[1:])
    undone = take_back(run)
    assert publishing.items["A-1"].hidden and undone.blocked == 1


@on_both
@pytest.mark.parametrize("excludes", ["own", "group", "store", "default", "condition", None])
def test_a_good_that_the_till_has_no_more_is_shown_only_if_no_rule_may_exclude_it(
    publishing: Publishing, stock: Stock, take_back: TakeBack, excludes: str | None
) -> None:
    tea, other = group("tea"), group("other")
    first, *rest = (good._replace(parent_id="tea") for good in GOODS)
    stock.put(groups=[tea, other], products=[first, *rest])
    publishing.publish()
    stock.put(groups=[tea, other], products=rest)
    run = publishing.publish()
    assert publishing.items["A-1"].hidden
    if excludes == "condition":
        stock.policy(Policy((Criterion("milky", EXCLUDE, WORD, text="молочный"),)))
    elif excludes == "default":
        stock.default("exclude")
    elif excludes is not None:
        name = {"own": "p1", "group": "tea", "store": "s1"}[excludes]
        stock.rule({"own": "product"}.get(excludes, excludes), name, "exclude")
    undone = take_back(run)
    assert publishing.items["A-1"].hidden is (excludes is not None)
    assert undone.blocked == (excludes is not None)


@on_both
def test_what_later_runs_have_shown_and_hidden_again_is_left_alone(
    publishing: Publishing, tea: Stock, take_back: TakeBack
) -> None:
    run = sell_out(publishing, tea)
    publishing.publish()
    assert not publishing.items["A-1"].hidden
    put(tea, quantity=0)
    publishing.publish()
    undone = take_back(run)
    assert publishing.items["A-1"].hidden and undone.blocked == 1
    assert "после той публикации их изменили ещё раз" in words(publishing, undone)


@on_both
def test_a_price_that_later_runs_have_changed_and_set_again_is_left_alone(
    publishing: Publishing, tea: Stock, take_back: TakeBack
) -> None:
    publishing.publish()
    dearer = GOODS[1]._replace(price=Decimal(430))
    tea.put(products=[GOODS[0]._replace(price=Decimal(360)), dearer, GOODS[2]])
    run = publishing.publish()
    for price in (370, 360):
        tea.put(products=[GOODS[0]._replace(price=Decimal(price)), dearer, GOODS[2]])
        publishing.publish()
    undone = take_back(run)
    assert (publishing.items["A-1"].price, publishing.items["A-2"].price) == (36_000, 42_050)
    assert (undone.done, undone.blocked) == (1, 1)


@on_both
def test_runs_are_taken_back_one_after_the_other(
    publishing: Publishing, tea: Stock, take_back: TakeBack
) -> None:
    publishing.publish()
    runs = []
    for price in (360, 370, 380):
        put(tea, price=price)
        runs.append(publishing.publish())
    for run, price in zip(reversed(runs), (37_000, 36_000, 35_000), strict=True):
        undone = take_back(run)
        assert (publishing.items["A-1"].price, undone.blocked) == (price, 0)


def test_what_was_added_anew_since_is_left_alone(
    publishing: Publishing, tea: Stock, take_back: TakeBack
) -> None:
    publishing.publish()
    put(tea, price=360)
    run = publishing.publish()
    delete(publishing, "A-1")
    publishing.owner.client.post("/sync/questions/deleted", data={"all": "1", "answer": "again"})
    publishing.publish()
    undone = take_back(run)
    assert (publishing.items["A-1"].price, undone.blocked) == (36_000, 1)


@on_both
def test_a_deleted_good_that_is_excluded_by_now_is_not_brought_back(
    publishing: Publishing, tea: Stock, take_back: TakeBack
) -> None:
    publishing.publish()
    run_id = delete(publishing, "A-1", "A-2")
    number = publishing.listings()["A-1"].id
    publishing.owner.client.post("/sync/questions/deleted", data={"answer": "never", "listing_id": number})
    undone = take_back(publishing.run(run_id))
    assert (undone.status, undone.done, undone.failed, undone.left) == ("done", 1, 0, 0)
    assert "A-1" not in publishing.items and "A-2" in publishing.items
    said = words(publishing, undone)
    assert "Отправлено: 1 товар. Оставлено как есть: 1 товар — " in said
    assert "исключён правилами или ждёт вашего решения" in said and "е получилось" not in said


@on_both
def test_a_deleted_good_that_was_excluded_can_be_brought_back_once_its_rule_is_off(
    publishing: Publishing, tea: Stock, take_back: TakeBack
) -> None:
    publishing.publish()
    was = publishing.items["A-1"].id
    run_id = delete(publishing, "A-1", "A-2")
    tea.decide("product", "p1", "exclude")
    undone = take_back(publishing.run(run_id))
    assert "если изменить правила и нажать «Повторить эти»" in words(publishing, undone)
    tea.decide("product", "p1", None)
    publishing.owner.client.post(f"/sync/publish/{undone.id}/again")
    publishing.run_jobs()
    assert publishing.items["A-1"].id == was


@on_both
def test_what_is_left_alone_is_no_part_of_what_is_left_to_do_after_a_pause(
    publishing: Publishing,
    tea: Stock,
    take_back: TakeBack,
    vk: VkWorld,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    publishing.publish()
    monkeypatch.setattr(removing, "BATCH", 1)
    run_id = delete(publishing, *publishing.items)
    tea.decide("product", "p1", "exclude")
    vk.faults.refuse(14, "market.restore", nth=2)
    undone = take_back(publishing.run(run_id))
    assert (undone.status, undone.done, undone.failed, undone.left) == ("paused", 1, 0, 1)
    vk.pass_captcha()
    publishing.owner.client.post(f"/sync/publish/{undone.id}/resume")
    publishing.run_jobs()
    undone = publishing.run(undone.id)
    assert (undone.status, undone.done, undone.failed, undone.blocked) == ("done", 2, 0, 1)
    assert undone.total == 2


@on_both
def test_what_was_added_anew_and_deleted_again_is_not_brought_back_by_the_first_deletion(
    publishing: Publishing, tea: Stock, take_back: TakeBack
) -> None:
    publishing.publish()
    run_id = delete(publishing, "A-1", "A-2")
    number = publishing.listings()["A-1"].id
    publishing.owner.client.post("/sync/questions/deleted", data={"answer": "again", "listing_id": number})
    publishing.publish()
    assert "A-1" in publishing.items
    delete(publishing, "A-1")
    undone = take_back(publishing.run(run_id))
    assert "A-1" not in publishing.items and "A-2" in publishing.items
    assert "После той публикации этот товар изменили ещё раз" in words(publishing, undone)
