"""The master switch: nothing goes out before the owner has confirmed it."""

import pytest

from app.rules.models import RuleChange, SyncConfig
from tests.owners import Owner
from tests.stock import Stock, product


@pytest.fixture
def config(alice: Owner, db_session):
    """Read the owner's configuration afresh."""

    def read() -> SyncConfig:
        db_session.expire_all()
        return db_session.query(SyncConfig).filter_by(user_id=alice.id).one()

    return read


def test_the_first_switching_on_asks_on_a_page_of_its_own(alice: Owner, stock: Stock, config):
    stock.put(products=[product("p1"), product("p2")])
    stock.rule("product", "p2", "exclude")
    answer = alice.client.post("/sync", data={"is_enabled": "1"})
    assert answer.status_code == 422
    assert "Решено публиковать 1 товар" in answer.page.text
    assert "Чайная" in answer.page.text
    assert not config().is_enabled and config().confirmed_at is None

    answer = alice.client.post("/sync", data={"is_enabled": "1", "confirm": "1"})
    assert answer.status_code == 303
    assert config().is_enabled and config().confirmed_at is not None
    answer = alice.client.get("/sync/switch-on")
    assert (answer.status_code, answer.location) == (303, "/sync")
    assert "Включена" in alice.client.get("/sync").page.text


def test_a_refused_confirmation_saves_nothing_of_the_form(alice: Owner, config):
    answer = alice.client.post("/sync", data={"is_enabled": "1", "default_mode": "exclude"})
    assert answer.status_code == 422
    alice.client.get("/sync")
    assert not db_has_history(alice)


def test_switching_off_and_on_again_needs_no_second_confirmation(alice: Owner, config):
    alice.client.post("/sync", data={"is_enabled": "1", "confirm": "1"})
    confirmed_at = config().confirmed_at
    alice.client.post("/sync", data={"is_enabled": "0"})
    assert not config().is_enabled
    assert alice.client.post("/sync", data={"is_enabled": "1"}).status_code == 303
    assert config().is_enabled and config().confirmed_at == confirmed_at


def test_a_switch_can_be_taken_back_from_the_next_page(alice: Owner, config):
    alice.client.post("/sync", data={"is_enabled": "1", "confirm": "1"})
    page = alice.client.get("/sync").page
    (undo,) = page.select("//form[contains(@action, '/undo')]/@action")
    assert alice.client.post(undo, data={"next": "/sync"}).headers["Location"] == "/sync"
    assert not config().is_enabled


@pytest.mark.parametrize(
    "form", [{}, {"is_enabled": "yes"}, {"default_mode": "maybe"}, {"is_enabled": "", "default_mode": ""}]
)
def test_an_unusable_field_is_named(alice: Owner, form: dict[str, str]):
    assert alice.client.post("/sync", data=form).status_code == 400


def test_the_default_is_saved_at_once_by_its_fields(alice: Owner, config):
    assert alice.client.post("/sync", data={"default_mode": "exclude"}).status_code == 303
    assert config().default_mode == "exclude"


def test_another_default_is_shown_before_it_is_saved(alice: Owner, stock: Stock, config):
    stock.put(products=[product("p1", "Бай Му Дань"), product("p2")])
    stock.rule("product", "p2", "include")
    answer = alice.client.post("/sync/default", data={"default_mode": "exclude"})
    plan_url = answer.headers["Location"]
    plan = alice.client.get(plan_url).page
    assert "Перестанут публиковаться: 1" in plan.text
    assert "Бай Му Дань" in plan.text
    assert config().default_mode == "include"

    (apply_url,) = plan.select("//form[contains(@action, '/apply')]/@action")
    assert alice.client.post(apply_url, data={"next": "/sync"}).headers["Location"] == "/sync"
    assert config().default_mode == "exclude"
    assert "Снят с публикации 1 товар" in alice.client.get("/sync").page.text


def test_cancelling_a_plan_changes_nothing(alice: Owner, stock: Stock, config):
    answer = alice.client.post("/sync/default", data={"default_mode": "exclude"})
    plan = alice.client.get(answer.headers["Location"]).page
    (discard_url,) = plan.select("//button/@formaction")
    alice.client.post(discard_url, data={"next": "/sync"})
    assert not db_has_history(alice)
    assert "Ничего не изменилось" in alice.client.get("/sync").page.text


def db_has_history(owner: Owner) -> bool:
    with owner.app.app_context():
        from app.data.db import db

        return db.session.query(RuleChange).filter_by(user_id=owner.id).count() > 0
