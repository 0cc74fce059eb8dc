"""Whatever VK answers to whichever call: the run ends with words, and the next one puts everything right."""

import re
from collections.abc import Sequence
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, select

from app.clients.errors import Action
from app.clients.vk.meanings import TABLE, row_of
from app.data.db import db
from app.publishing.ledger.models import Listing
from app.publishing.run.apply import BATCH
from app.publishing.run.models import PAUSED, Publication, PublicationItem
from app.publishing.run.requests import resume
from app.publishing.settings.models import MarketCategory
from app.work.runs.row import PARTIAL
from sandbox.vk.world import VkWorld
from tests.publishing.conftest import CATEGORY, Publishing
from tests.stock import Stock, product
from tests.thoroughness import IS_LONG

# The calls of a first run, and those of one that changes a price.
FIRST = ("market.get", "market.getProductPhotoUploadServer", "market.saveProductPhoto", "market.add")
SPOILED = (*FIRST, "execute", "upload")
# By turns for each of those; every fourth is what VK says of a good, or of goods.
CODES = (1, 6, 9, 100, 13, 14, 15, 1408, 29, 121, 1438, 4242, 10, 1405)
# A category of which only we have heard.
NOT_IN_THE_TREE: dict[str, Any] = {"category_id": 99_999, "path": "Чай", "is_leaf": True, "place": 0}
WAYS = ("cut", "status_500", "html_body", "truncated")

pytestmark = pytest.mark.usefixtures("hasty")


def codes_of(method: str) -> list[int]:
    """Every code to each call; when there is little time the calls share some of them."""
    return sorted(TABLE) if IS_LONG else list(CODES[FIRST.index(method) :: len(FIRST)])


def ways_of(method: str, methods: Sequence[str], whole: str) -> list[tuple[str, bool]]:
    """Each way to lose an answer, and whether VK had done the work: all to the call `whole`.

    When there is little time the others of these calls share them.
    """
    every = [(way, is_done) for way in WAYS for is_done in (True, False)]
    if IS_LONG or method == whole:
        return every
    return every[methods.index(method) % 4 :: 4]


def start_anew(app: Flask, publishing: Publishing) -> None:
    """Forget every run and every listing of ours, here and there."""
    with app.app_context():
        for table in (PublicationItem, Publication, Listing):
            db.session.execute(delete(table))
        db.session.commit()
    for item in list(publishing.market.living()):
        if item.sku:
            publishing.market.delete(item.id)


def settle(app: Flask, publishing: Publishing) -> Publication:
    """Let the owner go on once VK is itself again."""
    with app.app_context():
        last = db.session.scalars(select(Publication).order_by(Publication.id.desc())).first()
        if last is not None and last.status == PAUSED:
            resume(last)
            run_id = last.id
        else:
            run_id = None
            for listing in db.session.scalars(select(Listing)):
                listing.refused, listing.problem = {}, None
            db.session.commit()
    if run_id is None:
        return publishing.publish()
    publishing.run_jobs()
    run = publishing.run(run_id)
    return run if run.status == "done" else publishing.publish()


def assert_told(run: Publication) -> None:
    assert run.status in ("done", "partial", "paused", "failed"), run.status
    if run.status in ("paused", "failed"):
        assert run.error and not re.search(r"\d{2,}|[a-z_]{4,}", run.error), run.error


def assert_agreed(publishing: Publishing, foreign: dict[int, str]) -> None:
    skus = [item.sku for item in publishing.market.living() if item.sku]
    assert sorted(skus) == sorted(set(skus)) and len(skus) == 3
    ledger = {listing.sku: (listing.item_id, listing.state) for listing in publishing.listings().values()}
    assert ledger == {sku: (item.id, "live") for sku, item in publishing.items.items()}
    assert {item.id: item.title for item in publishing.market.living() if not item.sku} == foreign


@pytest.mark.parametrize("method", FIRST)
def test_a_refusal_leaves_each_good_there_once(
    app: Flask,
    publishing: Publishing,
    tea: Stock,
    vk: VkWorld,
    method: str,
    subtests: pytest.Subtests,
) -> None:
    publishing.read()
    foreign = {item.id: item.title for item in publishing.market.living() if not item.sku}
    for code in codes_of(method):
        with subtests.test(f"{method}: {code}"):
            start_anew(app, publishing)
            vk.faults.refuse(code, method)
            if method == "market.get":
                publishing.read()
            run = publishing.publish()
            vk.faults.clear()
            vk.pass_captcha()
            assert_told(run)
            action = row_of(code, writes=True).action
            if method == "market.add" and action is Action.THIS_ITEM:
                assert (run.status, run.failed) == ("partial", 3)
                assert all(listing.problem for listing in publishing.listings().values())
            assert settle(app, publishing).status == "done"
            assert_agreed(publishing, foreign)


@pytest.mark.parametrize("method", SPOILED)
def test_an_answer_that_is_lost_or_spoiled_leaves_each_good_there_once(
    app: Flask,
    publishing: Publishing,
    tea: Stock,
    vk: VkWorld,
    method: str,
    subtests: pytest.Subtests,
) -> None:
    publishing.read()
    foreign = {item.id: item.title for item in publishing.market.living() if not item.sku}
    for way, is_done in ways_of(method, SPOILED, "market.add"):
        with subtests.test(f"{method}: {way}, {'done' if is_done else 'not done'}"):
            start_anew(app, publishing)
            vk.faults.add(way, method=method, times=1, done=is_done)
            run = publishing.publish()
            vk.faults.clear()
            assert_told(run)
            assert settle(app, publishing).status == "done"
            assert_agreed(publishing, foreign)


def test_a_category_that_vk_has_lost_meanwhile_is_looked_up_once_and_the_rest_is_not_tried(
    app: Flask, publishing: Publishing, stock: Stock, vk: VkWorld
) -> None:
    stock.put(products=[product(f"p{number}", f"Улун {number}", price=300) for number in range(BATCH + 3)])
    publishing.read()
    with app.app_context():
        db.session.add(MarketCategory(community_id=publishing.community_id, **NOT_IN_THE_TREE))
        db.session.commit()
    publishing.choose(default_category_id=NOT_IN_THE_TREE["category_id"])
    vk.calls.clear()
    run = publishing.publish()
    assert (run.status, run.done, run.failed, run.blocked) == (PARTIAL, 0, BATCH, BATCH + 3)
    assert vk.calls.by_method["market.getCategories"] == 1
    assert not publishing.items
    publishing.choose(default_category_id=CATEGORY)
    assert publishing.plan().counts["create"] == BATCH + 3
