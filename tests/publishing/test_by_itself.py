"""What publication does by itself: after a change, after a pause, once a day."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.data.db import db
from app.data.types import now
from app.publishing.run.auto import publish_what_changed, read_communities
from app.publishing.run.models import AUTO, HELD, PAUSED, MarketReading, Publication
from app.publishing.run.requests import look_again, publish
from app.publishing.settings.models import PublicationSettings
from app.rules.models import SyncConfig
from app.work.runs.row import CANCELLED, DONE
from sandbox.vk.people import Person
from sandbox.vk.world import VkWorld
from tests.connections.vk.conftest import connect
from tests.publishing.conftest import GOODS, Publishing, runs
from tests.stock import Stock, product


def test_a_changed_price_is_published_by_itself_and_nothing_new_leaves_no_run(
    app: Flask, publishing: Publishing, tea: Stock, tick: Callable[[], None]
) -> None:
    publishing.publish()
    publishing.choose(auto=True)
    tick()
    assert len(runs(app)) == 1, "there was nothing to do"
    tea.decide("product", "p2", "exclude")
    tick()
    assert publishing.items["A-2"].hidden
    assert [run.origin for run in runs(app)] == ["hand", "auto"]
    tick()
    assert len(runs(app)) == 2


def test_what_the_owner_answers_is_done_by_itself(
    publishing: Publishing, tea: Stock, tick: Callable[[], None]
) -> None:
    publishing.publish()
    publishing.choose(auto=True)
    publishing.market.change(publishing.items["A-1"].id, title="Лучший улун")
    publishing.market.delete(publishing.items["A-2"].id)
    publishing.market.add_item("Мёд липовый", 50_000)
    tea.put(products=[*GOODS, product("p4", "Мёд липовый", price=500)])
    publishing.read()
    tick()
    client, (made,) = publishing.owner.client, publishing.market.living()[:1]
    client.post("/sync/questions/edited", data={"answer": "till", "all": "1"})
    tick()
    assert publishing.items["A-1"].title == "Улун молочный"
    client.post("/sync/questions/deleted", data={"answer": "again", "all": "1"})
    tick()
    assert "A-2" in publishing.items
    client.post("/sync/listings/other", data={"item_id": made.id, "other": "1"})
    tick()
    assert len([item for item in publishing.market.living() if item.title == "Мёд липовый"]) == 2


def test_nothing_goes_by_itself_until_the_owner_says_so(
    app: Flask, publishing: Publishing, tea: Stock, tick: Callable[[], None]
) -> None:
    publishing.publish()
    tea.decide("product", "p1", "exclude")
    tick()
    assert not publishing.items["A-1"].hidden and len(runs(app)) == 1


def hide_the_shop_by_itself(publishing: Publishing, tea: Stock, tick: Callable[[], None]) -> None:
    """Let the clock find that everything is to be hidden."""
    publishing.publish()
    publishing.choose(auto=True)
    tea.decide("store", "s1", "exclude")
    tick()


def resume_by_itself(app: Flask, tick: Callable[[], None]) -> None:
    """Let the time of what is paused come."""
    with app.app_context():
        db.session.execute(update(Publication).values(resume_at=now()))
        db.session.commit()
    tick()


def test_a_run_that_would_hide_most_of_the_shop_waits_for_the_owner(
    app: Flask, publishing: Publishing, tea: Stock, tick: Callable[[], None]
) -> None:
    hide_the_shop_by_itself(publishing, tea, tick)
    assert runs(app)[-1].status == HELD
    assert not any(item.hidden for item in publishing.items.values())


def test_a_word_about_one_price_is_no_word_about_more(app: Flask, publishing: Publishing, tea: Stock) -> None:
    def dearer(count: int) -> None:
        prices = [9900 if n < count else 350 for n in range(3)]
        tea.put(products=[product(f"p{n}", f"Улун {n}", price=price) for n, price in enumerate(prices)])

    publishing.choose(auto=True)
    dearer(0)
    publishing.publish()
    dearer(1)
    with app.app_context():
        run_id = publish(publishing.owner.id, publishing.community_id, publishing.plan()).id
    dearer(3)
    publishing.run_jobs()
    assert publishing.run(run_id).status == HELD
    assert {item.price for item in publishing.items.values()} == {35_000}
    publishing.owner.client.post(f"/sync/publish/{run_id}/confirm")
    publishing.run_jobs()
    assert {item.price for item in publishing.items.values()} == {990_000}


def dearer(tea: Stock, *some: int) -> None:
    """Let these of three goods cost many times as much as the others."""
    prices = [9900 if number in some else 350 for number in range(3)]
    tea.put(
        products=[product(f"p{number}", f"Улун {number}", price=price) for number, price in enumerate(prices)]
    )


def excluded(tea: Stock, *some: int) -> None:
    """Let these of three goods be excluded, and no others."""
    for number in range(1, 4):
        tea.decide("product", f"p{number}", "exclude" if number - 1 in some else None)


@pytest.mark.parametrize("happen", [dearer, excluded])
def test_a_word_about_some_goods_is_no_word_about_as_many_others(
    app: Flask,
    publishing: Publishing,
    tea: Stock,
    vk: VkWorld,
    tick: Callable[[], None],
    happen: Callable[..., None],
) -> None:
    def touched() -> int:
        return sum(item.hidden or item.price == 990_000 for item in publishing.items.values())

    happen(tea)
    publishing.publish()
    publishing.choose(auto=True)
    happen(tea, 0, 1)
    tick()
    held = runs(app)[-1].id
    assert publishing.run(held).status == HELD
    vk.trouble = "flood"
    publishing.owner.client.post(f"/sync/publish/{held}/confirm")
    publishing.run_jobs()
    assert publishing.run(held).status == PAUSED
    vk.trouble = None
    happen(tea, 1, 2)
    resume_by_itself(app, tick)
    assert (publishing.run(held).status, touched()) == (HELD, 0)
    happen(tea, 0, 1)
    with app.app_context():
        look_again(publishing.run(held))
    publishing.run_jobs()
    assert (publishing.run(held).status, touched()) == ("done", 2), "these were confirmed"


def test_a_paused_run_goes_on_when_its_time_has_come(
    app: Flask, publishing: Publishing, tea: Stock, vk: VkWorld, tick: Callable[[], None]
) -> None:
    vk.trouble = "flood"
    run = publishing.publish()
    assert (run.status, run.problem) == (PAUSED, "flood") and run.resume_at is not None
    vk.trouble = None
    tick()
    assert runs(app)[-1].status == PAUSED, "an hour has not passed"
    resume_by_itself(app, tick)
    assert runs(app)[-1].status == "done" and len(publishing.items) == 3


def test_what_is_taken_back_goes_on_by_itself_unless_its_owner_has_decided_anew(
    app: Flask, publishing: Publishing, tea: Stock, vk: VkWorld, tick: Callable[[], None]
) -> None:
    publishing.publish()
    for decided in (False, True):
        tea.put(products=[product("p1", "Улун молочный", price=350, quantity=0, article_number="A-1")])
        hides = publishing.publish()
        vk.trouble = "flood"
        publishing.owner.client.post(f"/sync/publish/{hides.id}/undo")
        publishing.run_jobs()
        vk.trouble = None
        if decided:
            tea.decide("product", "p1", "include")
        resume_by_itself(app, tick)
        assert publishing.items["A-1"].hidden is decided
    run = runs(app)[-1]
    assert run.status == PAUSED
    page = publishing.owner.client.get(f"/sync/publish/{run.id}").page.text
    assert "само ничего не вернётся" in page and "Продолжим сами" not in page
    publishing.owner.client.post(f"/sync/publish/{run.id}/resume")
    publishing.run_jobs()
    assert not publishing.items["A-1"].hidden


def test_a_days_quota_is_spread_over_days_and_a_price_does_not_wait_for_it(
    app: Flask, publishing: Publishing, tea: Stock, tick: Callable[[], None]
) -> None:
    app.extensions["settings"] = replace_limit(app, vk_daily_limit=2)
    run = publishing.publish()
    assert (run.status, run.problem, run.done) == (PAUSED, "daily_limit", 2)
    publishing.choose(auto=True)
    sku, price = next((sku, item.price) for sku, item in publishing.items.items() if sku.startswith("A-"))
    number = {"A-1": "p1", "A-2": "p2"}[sku]
    tea.put(
        products=[
            product("p1", "Улун молочный", price=351 if number == "p1" else 350, article_number="A-1"),
            product("p2", "Пуэр шу, лист", price=421 if number == "p2" else 420.5, article_number="A-2"),
            product("p3", "Чай чёрный с чабрецом", price=99),
        ]
    )
    with app.app_context():
        db.session.execute(update(PublicationSettings).values(looked=None))
        db.session.commit()
    tick()
    assert publishing.items[sku].price != price
    assert runs(app)[-1].status == PAUSED and len(publishing.items) == 2


def test_a_community_is_read_once_a_day(
    app: Flask, publishing: Publishing, run_jobs: Callable[[], None]
) -> None:
    def readings() -> int:
        with app.app_context():
            read_communities()
        run_jobs()
        with app.app_context():
            return len(list(db.session.scalars(select(MarketReading).filter_by(status="done"))))

    assert (readings(), readings()) == (1, 1)
    with app.app_context():
        db.session.execute(update(MarketReading).values(finished_at=now() - timedelta(days=2)))
        db.session.commit()
    assert readings() == 2


def replace_limit(app: Flask, **limits: int) -> object:
    return replace(app.extensions["settings"], **limits)


def test_a_token_that_cannot_be_had_pauses_the_run_until_the_owner_has_connected_anew(
    app: Flask, publishing: Publishing, tea: Stock, vk: VkWorld, maria: Person, tick: Callable[[], None]
) -> None:
    vk.revoke_person(maria.id)
    run = publishing.publish()
    assert (run.status, run.problem) == (PAUSED, "vk_token_dead")
    tick()
    assert runs(app)[-1].status == PAUSED
    connect(publishing.owner, maria, vk.communities[publishing.community_id])
    tick()
    assert runs(app)[-1].status == "done" and len(publishing.items) == 3


def test_a_paused_run_does_not_go_on_while_publication_is_off(
    app: Flask, publishing: Publishing, tea: Stock, vk: VkWorld, tick: Callable[[], None]
) -> None:
    vk.trouble = "flood"
    publishing.publish()
    vk.trouble = None
    with app.app_context():
        # By the way back of the switch, say, which ends no run.
        db.session.execute(update(SyncConfig).values(is_enabled=False))
        db.session.execute(update(Publication).values(resume_at=now()))
        db.session.commit()
    tick()
    (run,) = runs(app)
    assert run.status == "cancelled" and "Публикацию выключили" in str(run.error)
    assert not publishing.items


def test_switching_off_ends_what_would_go_on_by_itself(
    app: Flask, publishing: Publishing, tea: Stock, vk: VkWorld
) -> None:
    vk.trouble = "flood"
    publishing.publish()
    assert publishing.owner.client.post("/sync", data={"is_enabled": "0"}).status_code == 303
    assert [run.status for run in runs(app)] == ["cancelled"]


def test_what_waits_for_a_word_about_the_former_community_keeps_nothing_from_going_to_the_one_chosen_now(
    app: Flask, publishing: Publishing, tea: Stock, tick: Callable[[], None]
) -> None:
    publishing.publish()
    publishing.choose(auto=True)
    with app.app_context():
        elsewhere = {"user_id": publishing.owner.id, "community_id": publishing.community_id + 1}
        db.session.add(Publication(**elsewhere, origin=AUTO, status=HELD))
        db.session.commit()
    tea.decide("product", "p2", "exclude")
    tick()
    assert publishing.items["A-2"].hidden
    assert [run.status for run in runs(app)] == [DONE, CANCELLED, DONE]


def test_a_look_that_waited_its_turn_starts_nothing_that_the_owner_no_longer_wants(
    app: Flask, publishing: Publishing, tea: Stock
) -> None:
    publishing.publish()
    publishing.choose(auto=True)
    tea.decide("product", "p2", "exclude")
    for off in (update(PublicationSettings).values(auto=False), update(SyncConfig).values(is_enabled=False)):
        with app.app_context():
            db.session.execute(off)
            db.session.commit()
            publish_what_changed(publishing.owner.id)
        publishing.choose(auto=True)
    assert len(runs(app)) == 1


def test_taking_one_good_back_approves_nothing_of_the_plan(
    app: Flask, publishing: Publishing, tea: Stock, tick: Callable[[], None]
) -> None:
    run = publishing.publish(only=("s1", "p1"))
    publishing.owner.client.post(f"/sync/publish/{run.id}/undo")
    publishing.run_jobs()
    assert [hold.code for hold in publishing.plan().holds] == ["first"]
    publishing.choose(auto=True)
    tick()
    assert runs(app)[-1].status == HELD
    assert set(publishing.items) == {"A-1"} and publishing.items["A-1"].hidden


def test_a_held_run_goes_on_once_what_it_asked_about_is_over(
    app: Flask, publishing: Publishing, tea: Stock, tick: Callable[[], None]
) -> None:
    hide_the_shop_by_itself(publishing, tea, tick)
    held = runs(app)[-1]
    tea.decide("store", "s1", None)
    tea.decide("product", "p3", "exclude")
    tick()
    assert (publishing.run(held.id).status, publishing.items["A-1"].hidden) == ("done", False)
    assert sum(item.hidden for item in publishing.items.values()) == 1


def test_a_word_about_a_plan_that_a_held_run_waits_for_no_more_is_none(
    app: Flask, publishing: Publishing, tea: Stock, tick: Callable[[], None]
) -> None:
    hide_the_shop_by_itself(publishing, tea, tick)
    address = f"/sync/publish/{runs(app)[-1].id}"
    (seen,) = publishing.owner.client.get(address).page.select("//form//input[@name='plan']/@value")
    tea.decide("product", "p1", "include")
    tick()
    assert runs(app)[-1].status == HELD
    publishing.owner.client.post(f"{address}/confirm", data={"plan": seen})
    publishing.run_jobs()
    assert not any(item.hidden for item in publishing.items.values())


def test_a_word_is_spent_once_what_it_was_about_is_done(
    app: Flask, publishing: Publishing, tea: Stock, tick: Callable[[], None]
) -> None:
    """A till that says for a while that it has nothing, while new goods wait for their day."""
    publishing.choose(auto=True)
    publishing.publish()
    app.extensions["settings"] = replace_limit(app, vk_daily_limit=3)
    tea.decide("store", "s1", "exclude")
    tea.put(
        products=[*GOODS, product("p4", "Мёд липовый", price=500), product("p5", "Мёд гречишный", price=500)]
    )
    tea.rule("product", "p4", "include")
    tea.rule("product", "p5", "include")
    run = publishing.publish()
    assert (run.status, run.problem) == (PAUSED, "daily_limit")
    assert all(item.hidden for item in publishing.items.values())
    tea.decide("store", "s1", "include")
    resume_by_itself(app, tick)
    assert not any(item.hidden for item in publishing.items.values())
    tea.decide("store", "s1", "exclude")
    resume_by_itself(app, tick)
    assert runs(app)[-1].status == HELD
    assert not any(item.hidden for item in publishing.items.values())


def test_a_ledger_that_came_back_from_a_copy_learns_of_what_was_sent_since_by_one_command(
    app: Flask, publishing: Publishing, tea: Stock, run_jobs: Callable[[], None]
) -> None:
    publishing.publish()
    publishing.read()
    # Sent after the copy was made, and back in the till by now.
    publishing.items["A-1"].price = 99900
    assert not publishing.plan().has_work
    result = app.test_cli_runner().invoke(args=["read-communities"])
    assert (result.exit_code, result.output) == (0, "1 communities are being read.\n")
    run_jobs()
    assert publishing.plan().counts["change"] == 1
