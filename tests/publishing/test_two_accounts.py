"""Several accounts of ours that lead goods in one community: none doubles, takes or blocks the others'."""

import threading
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, text, update
from sqlalchemy.dialects.postgresql import insert

from app.clients.evotor.client import Product
from app.connections.models import EVOTOR, CloudAccount
from app.data.db import db
from app.data.types import now
from app.publishing.ledger.models import Listing
from app.publishing.ledger.others import take_turn
from app.publishing.ledger.writing import Intent, intend, writing
from app.publishing.planning.existing import FAILED, GONE, SENDING
from app.publishing.planning.plan import CREATE
from app.publishing.planning.reasons import DELETED_IN_VK, SAME_SKU
from app.publishing.run.apply import Applier
from app.publishing.run.lives import publications
from app.publishing.run.models import HAND, Publication
from app.publishing.run.reading import Reader
from app.publishing.run.ready import Ready
from app.work.queue import PUBLISH_QUEUE_NAME
from app.work.runs.row import RUNNING
from app.work.runs.running import Running
from sandbox.vk.people import Community, Person
from sandbox.vk.world import VkWorld
from tests.connections.vk.conftest import connect
from tests.databases import on_both
from tests.jobs import work_off
from tests.owners import Owner
from tests.publishing.conftest import GOODS, Publishing, let_vk_show_within, settle
from tests.publishing.pages.pairs import PAIR
from tests.stock import Stock, product


def of_the_same_shop(app: Flask, other: Owner, maria: Person, teahouse: Community) -> Stock:
    """Give another owner the same Evotor account and community, the same goods and answers."""
    connect(other, maria, teahouse)
    with app.app_context():
        till = CloudAccount(user_id=other.id, provider=EVOTOR, profile={}, is_online=True)
        till.secret = {"token": "of a till that nobody asks"}
        db.session.add(till)
        db.session.commit()
    settle(app, other.id)
    return Stock(other)


@pytest.fixture
def newcomer(
    app: Flask, publishing: Publishing, tea: Stock, bob: Owner, maria: Person, teahouse: Community
) -> Publishing:
    """What Bob, whose till has no goods yet, publishes to Alice's community."""
    of_the_same_shop(app, bob, maria, teahouse)
    return Publishing(bob, publishing.community_id, publishing.market, publishing.run_jobs)


@pytest.fixture
def his(newcomer: Publishing) -> Publishing:
    """The same, of the goods that Alice has."""
    Stock(newcomer.owner).put(products=GOODS)
    return newcomer


def in_vk(publishing: Publishing) -> dict[int, tuple[object, ...]]:
    items = publishing.market.living()
    return {item.id: (item.sku, item.title, item.price, item.hidden) for item in items}


def ledger_of(publishing: Publishing) -> dict[str, dict[str, object]]:
    columns = Listing.__table__.c.keys()
    listings = publishing.listings()
    return {sku: {name: getattr(row, name) for name in columns} for sku, row in listings.items()}


@pytest.mark.parametrize("reads", ["before the other has published", "afterwards"])
def test_another_owner_of_the_same_shop_is_told_and_doubles_nothing(
    app: Flask,
    publishing: Publishing,
    tea: Stock,
    bob: Owner,
    maria: Person,
    teahouse: Community,
    run_jobs: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
    reads: str,
) -> None:
    of_the_same_shop(app, bob, maria, teahouse).put(
        products=[
            product("p1", "Улун молочный", price=1, quantity=12, measure_name="шт", article_number="A-1"),
            product("p2", "Пуэр шу, лист", price=2, quantity=3, measure_name="шт", article_number="A-2"),
            product("p3", "Чай чёрный с чабрецом", price=3, quantity=8, measure_name="шт"),
        ]
    )
    his = Publishing(bob, publishing.community_id, publishing.market, run_jobs)
    is_early = reads == "before the other has published"
    if is_early:
        his.read()
        # Else his run looks once more: this one has looked a moment too early.
        monkeypatch.setattr(Reader, "may_have_forgotten", lambda reader, new: False)
    publishing.publish()
    if not is_early:
        his.read()
    shown, ledger = in_vk(publishing), ledger_of(publishing)
    assert len(ledger) == 3
    run = his.publish()
    page = bob.client.get(f"/sync/publish/{run.id}").page.text
    if is_early:
        assert run.status == "partial" and "другой аккаунт Витрины" in page
    assert "В сообществе уже есть товар с таким артикулом" in bob.client.get("/sync/plan").page.text
    assert his.publish().status == "done"
    assert not his.listings()
    assert (in_vk(publishing), ledger_of(publishing)) == (shown, ledger)


@pytest.mark.parametrize("why", [GONE, FAILED], ids=["deleted in VK", "refused by VK"])
def test_what_vk_has_not_of_another_owner_keeps_nobody_from_adding_it(
    app: Flask, publishing: Publishing, tea: Stock, bob: Owner, maria: Person, teahouse: Community, why: str
) -> None:
    publishing.publish()
    of_the_same_shop(app, bob, maria, teahouse).put(
        products=[product("p1", "Улун молочный", price=1, measure_name="шт", article_number="A-1")]
    )
    with app.app_context():
        hers = update(Listing).filter_by(user_id=publishing.owner.id, sku="A-1")
        db.session.execute(hers.values(state=why, **({} if why == GONE else {"item_id": None})))
        db.session.commit()
    publishing.market.delete(publishing.items["A-1"].id)
    ledger = ledger_of(publishing)
    his = Publishing(bob, publishing.community_id, publishing.market, publishing.run_jobs)
    run = his.publish()
    assert (run.status, run.error) == ("done", None)
    assert [item.title for item in publishing.market.living()].count("Улун молочный") == 1
    assert not his.plan().has_work and ledger_of(publishing) == ledger


def test_what_another_account_leads_and_vk_has_no_more_is_asked_about_and_added_anew(
    app: Flask, publishing: Publishing, his: Publishing
) -> None:
    publishing.publish()
    with app.app_context():
        long_ago = now() - timedelta(days=1)
        db.session.execute(update(Listing).values(added_at=long_ago, changed_at=long_ago))
        db.session.commit()
    publishing.market.delete(publishing.items["A-1"].id)
    titles, ledger = [item.title for item in publishing.market.living()], ledger_of(publishing)
    run = his.publish()
    assert run.status == "partial" and "план спросит о них" in str(run.error)
    plan = his.plan()
    assert (plan.counts["create"], [item.reason for item in plan.items["ask"] if item.entry]) == (
        0,
        [DELETED_IN_VK],
    )
    (asked,) = his.listings().values()
    his.owner.client.post("/sync/questions/deleted", data={"answer": "again", "listing_id": asked.id})
    assert his.publish().status == "done"
    assert sorted(item.title for item in publishing.market.living()) == sorted([*titles, "Улун молочный"])
    assert ledger_of(publishing) == ledger


@on_both
@pytest.mark.parametrize("has_read", [False, True], ids=["unread", "read"])
def test_what_another_account_leads_is_asked_about_by_its_number_whatever_was_made_of_it_in_vk(
    app: Flask, publishing: Publishing, his: Publishing, has_read: bool
) -> None:
    publishing.publish()
    with app.app_context():
        long_ago = now() - timedelta(days=1)
        db.session.execute(update(Listing).values(added_at=long_ago, changed_at=long_ago))
        db.session.commit()
    number = publishing.items["A-1"].id
    publishing.market.change(number, sku="BY-HAND", title="Совсем иное имя")
    if has_read:
        his.read()
    shown, ledger = in_vk(publishing), ledger_of(publishing)
    his.publish()
    asked = {item.sku: item for item in his.plan().items["ask"]}
    assert asked["A-1"].reason == SAME_SKU and asked["A-1"].foreign
    assert asked["A-1"].foreign.item_id == number
    assert not his.plan().has_work and not his.listings()
    assert (in_vk(publishing), ledger_of(publishing)) == (shown, ledger)
    # His word that it is another good is all it takes to add his own.
    his.owner.client.post("/sync/listings/other", data={"item_id": number, "other": "1"})
    assert his.publish().status == "done"
    assert [item.title for item in publishing.market.living()].count("Улун молочный") == 1
    assert not his.plan().counts["create"] and ledger_of(publishing) == ledger


def test_what_another_account_once_asked_for_and_left_keeps_nobody_from_adding_it(
    app: Flask, publishing: Publishing, his: Publishing
) -> None:
    publishing.publish()
    publishing.market.delete(begun(publishing, "A-1"))
    run = his.publish()
    assert (run.status, run.error) == ("done", None)
    titles = [item.title for item in publishing.market.living()]
    assert titles.count("Улун молочный") == 1
    assert his.plan().counts["create"] == 0
    assert publishing.publish().status == "done"
    assert [item.title for item in publishing.market.living()] == titles
    assert publishing.plan().counts["ask"] == 1


@pytest.mark.parametrize(
    ("has_left", "shown_after"), [(False, 0), (True, 0), (False, 60)], ids=["stays", "has left", "shown late"]
)
def test_what_another_account_has_added_since_the_last_look_is_not_added_once_more(
    app: Flask,
    publishing: Publishing,
    newcomer: Publishing,
    vk: VkWorld,
    has_left: bool,
    shown_after: int,
) -> None:
    let_vk_show_within(app, 120)
    his, stock = newcomer, Stock(newcomer.owner)
    own = product("x1", "Кофе в зёрнах", price=900, measure_name="шт", article_number="B-1")
    stock.put(products=[own])
    his.publish()
    his.read()
    vk.habits.shows_added_after = shown_after
    publishing.publish()
    if has_left:
        with app.app_context():
            db.session.execute(delete(Listing).filter_by(user_id=publishing.owner.id))
            db.session.commit()
    stock.put(products=[own, *under_other_marks(GOODS)])
    his.publish()
    titles = [item.title for item in publishing.market.living()]
    assert len(titles) == len(set(titles))
    assert (his.plan().counts["create"], his.plan().counts["ask"]) == (0, 3)


def under_other_marks(goods: list[Product]) -> list[Product]:
    """The same goods by another till, which has other marks for them."""
    return [good._replace(id=f"x{good.id}", article_number=None) for good in goods]


@on_both
def test_two_accounts_that_publish_the_same_goods_at_once_double_none(
    app: Flask,
    publishing: Publishing,
    stock: Stock,
    bob: Owner,
    maria: Person,
    teahouse: Community,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    goods = [
        product(f"p{n}", f"Улун молочный {n}", price=300 + n, article_number=f"A-{n}") for n in range(40)
    ]
    stock.put(products=goods)
    his_stock = of_the_same_shop(app, bob, maria, teahouse)
    his_stock.put(products=under_other_marks(goods))
    his = Publishing(bob, publishing.community_id, publishing.market, publishing.run_jobs)
    send = Applier.add
    others = iter([publishing])
    hers: list[Publication] = []

    def overtaken(applier: Applier, ready: list[Ready], **more: bool) -> None:
        # While Bob's first pictures are on their way, Alice's run comes by.
        hers.extend(each.publish() for each in others)
        send(applier, ready, **more)

    monkeypatch.setattr(Applier, "add", overtaken)
    assert [his.publish().status, *(run.status for run in hers)] == ["done", "done"]
    titles = [item.title for item in publishing.market.living()]
    assert len(titles) == len(set(titles)) and len(publishing.items) == 40
    assert his.plan().counts["ask"] == 40


def test_what_another_account_has_added_and_vk_does_not_show_yet_is_not_added_once_more(
    app: Flask, publishing: Publishing, newcomer: Publishing, vk: VkWorld
) -> None:
    let_vk_show_within(app, 120)
    his = newcomer
    Stock(his.owner).put(products=under_other_marks(GOODS))
    vk.habits.shows_added_after = 60
    publishing.publish()
    assert his.publish().status == "done"
    titles = [item.title for item in publishing.market.living()]
    assert len(titles) == len(set(titles))
    assert (his.plan().counts["create"], his.plan().counts["ask"]) == (0, 3)
    vk.ahead = 61
    his.read()
    assert his.plan().counts["ask"] == 3


def begun(publishing: Publishing, sku: str) -> int:
    """Let the ledger not know yet that VK has added a listing; give VK's number of it."""
    with publishing.owner.app.app_context():
        hers = update(Listing).filter_by(user_id=publishing.owner.id, sku=sku)
        db.session.execute(hers.values(state=SENDING, item_id=None, added_at=None, changed_at=now()))
        db.session.commit()
    return publishing.items[sku].id


def test_a_price_goes_before_another_account_is_waited_for(
    app: Flask, publishing: Publishing, his: Publishing, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_vk_show_within(app, 120)
    own = product("x1", "Кофе в зёрнах", price=900, measure_name="шт", article_number="B-1")
    stock = Stock(his.owner)
    stock.put(products=[own])
    his.publish()
    publishing.publish()
    number = begun(publishing, "A-1")
    stock.put(products=[own._replace(price=Decimal(950)), product("x2", "Мёд липовый", price=400)])
    prices: list[int] = []

    def waited(_reader: Reader) -> None:
        prices.append(his.items["B-1"].price)
        with app.app_context():
            hers = update(Listing).filter_by(user_id=publishing.owner.id, sku="A-1")
            db.session.execute(hers.values(state="live", item_id=number))
            db.session.commit()

    monkeypatch.setattr(Reader, "wait_for_others", waited)
    assert his.publish().status == "done"
    assert prices[0] == 95_000
    assert [item.title for item in publishing.market.living()].count("Мёд липовый") == 1


def test_who_waits_for_another_account_lets_others_go_first_and_then_doubles_nothing(
    app: Flask,
    publishing: Publishing,
    newcomer: Publishing,
    vk: VkWorld,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    let_vk_show_within(app, 120)
    his = newcomer
    Stock(his.owner).put(products=[*under_other_marks(GOODS), product("x9", "Мёд липовый", price=400)])
    publishing.publish()
    begun(publishing, "A-1")
    monkeypatch.setattr(Running, "sleep", not_idle)
    vk.calls.clear()
    waiting, hers = his.ask(), publishing.ask()
    work_off(app, [PUBLISH_QUEUE_NAME], most=1)
    run = his.run(waiting)
    assert (run.status, run.done, run.total) == ("queued", 0, 1)
    assert not vk.calls.by_method["upload"]
    publishing.run_jobs()
    assert [his.run(waiting).status, publishing.run(hers).status] == ["done", "done"]
    titles = [item.title for item in publishing.market.living()]
    assert len(titles) == len(set(titles)) and "Мёд липовый" in titles


def not_idle(_running: Running[Publication], seconds: float) -> None:
    assert seconds < 1, "a lane is held by a run that waits"


def test_who_waits_for_another_account_keeps_its_place_while_nobody_else_waits(
    app: Flask, publishing: Publishing, newcomer: Publishing, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_vk_show_within(app, 120)
    his = newcomer
    Stock(his.owner).put(products=[product("x9", "Мёд липовый", price=400)])
    publishing.publish()
    number = begun(publishing, "A-1")

    def heard(_running: Running[Publication], seconds: float) -> None:
        if seconds >= 1:
            with publishing.owner.app.app_context():
                hers = update(Listing).filter_by(user_id=publishing.owner.id, sku="A-1")
                db.session.execute(hers.values(state="live", item_id=number))
                db.session.commit()

    monkeypatch.setattr(Running, "sleep", heard)
    waiting = his.ask()
    work_off(app, [PUBLISH_QUEUE_NAME], most=1)
    assert (his.run(waiting).status, his.run(waiting).done) == ("done", 1)


def test_what_another_account_is_adding_just_now_cannot_be_paired(
    app: Flask, publishing: Publishing, his: Publishing
) -> None:
    let_vk_show_within(app, 120)
    publishing.publish()
    begun(publishing, "A-1")
    his.read()
    his.owner.client.post(PAIR, data={"all": "1"})
    assert not his.listings()


def test_a_listing_that_another_account_took_while_nobody_knew_of_it_ends_no_run(
    app: Flask, publishing: Publishing, his: Publishing
) -> None:
    publishing.publish()
    number = begun(publishing, "A-1")
    let_vk_show_within(app, 0)
    his.read()
    his.owner.client.post(PAIR, data={"all": "1"})
    assert [row.item_id for row in his.listings().values()] == [number]
    assert publishing.publish().status == "done"
    assert publishing.listings()["A-1"].state == FAILED
    assert (publishing.plan().counts["create"], publishing.plan().counts["ask"]) == (0, 1)
    assert len(publishing.market.with_sku("A-1")) == 1


@pytest.mark.databases("postgresql")
def test_two_accounts_that_note_the_same_sku_wait_for_one_another_in_one_order(
    app: Flask, publishing: Publishing, his: Publishing
) -> None:
    skus: list[list[int | None]] = []

    def note(running: Running[Publication], seen: str | None) -> list[int | None]:
        with app.app_context():
            return intend(running, [Intent(None, "A-1", [("s1", "p1")], {}, CREATE, "Улун")], seen)

    with app.app_context():
        place = {"community_id": publishing.community_id, "origin": HAND, "status": RUNNING}
        rows = [Publication(user_id=each.owner.id, **place) for each in (his, publishing)]
        for row in rows:
            db.session.add(row)
            db.session.commit()
        his_run, her_run = (Running(publications, row) for row in rows)
        # He has not looked at what others add: a picture that he lacks is noted as refused.
        late = threading.Thread(target=lambda: skus.append(note(his_run, None)))
        with writing(her_run) as session:
            take_turn(session, her_run.user_id, publishing.community_id, "0 None")
            late.start()
            with db.engine.connect() as watching:
                waits = text(
                    "SELECT count(*) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND wait_event_type = 'Lock'"
                )
                while late.is_alive() and not watching.scalar(waits):
                    watching.rollback()
            empty: dict[str, Any] = {"sent": {}, "seen": {}, "owners": {}, "refused": {}}
            hers = insert(Listing).values(
                **empty,
                user_id=her_run.user_id,
                community_id=publishing.community_id,
                sku="A-1",
                state=SENDING,
            )
            session.execute(hers.on_conflict_do_nothing())
        late.join()
    assert skus == [[None]] and ledger_of(publishing).keys() == {"A-1"}
