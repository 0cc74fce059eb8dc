"""The progress fragment polls while there is something to wait for, and only then."""

import pytest
import redis
from sqlalchemy import update
from sqlalchemy.orm import Session

from app.data.types import now
from app.mirror.models import CatalogRefresh
from app.mirror.refresh.progress import StoreOutcome
from tests.checking_client import CheckedResponse
from tests.mirror.refresh.conftest import MAIN
from tests.owners import Owner

ENDED = ["done", "partial", "failed", "cancelled"]


@pytest.fixture
def run_id(owner: Owner, runs) -> int:
    owner.client.post("/catalog/refresh")
    return int(runs()[-1].id)


def put(session: Session, run_id: int, status: str, **columns: object) -> None:
    """Bring a run into a state."""
    values = {"status": status, "heartbeat_at": now(), "started_at": now(), **columns}
    session.execute(update(CatalogRefresh).filter_by(id=run_id).values(values))


def fragment(owner: Owner, run_id: int) -> CheckedResponse:
    response = owner.client.htmx_get(f"/catalog/refresh/{run_id}")
    assert response.status_code == 200 and not response.page.is_whole
    assert response.page.select("//section/@id") == ["refresh"]
    return response


@pytest.mark.parametrize("status", ["queued", "running"])
def test_it_polls_itself_while_there_is_something_to_wait_for(
    owner: Owner, run_id: int, db_session: Session, status: str
) -> None:
    put(db_session, run_id, status)
    response = fragment(owner, run_id)
    (section,) = response.page.select("//section")
    assert section.get("hx-get") == f"/catalog/refresh/{run_id}"
    assert section.get("hx-trigger").startswith("every ")
    assert "HX-Trigger" not in response.headers
    assert response.page.select(f"//form[@action='/catalog/refresh/{run_id}/cancel']")
    assert response.page.select("//progress") and not response.page.select(
        "//form[@action='/catalog/refresh']"
    )


@pytest.mark.parametrize(("waiting", "seconds"), [(0, 1), (9, 1), (10, 2), (55, 6), (500, 10)])
def test_the_more_runs_wait_the_less_often_each_of_them_asks(
    owner: Owner, run_id: int, db_session: Session, valkey_url: str, waiting: int, seconds: int
) -> None:
    with redis.Redis.from_url(valkey_url) as connection:
        connection.delete("rq:queue:vitrina")
        for number in range(waiting):
            connection.rpush("rq:queue:vitrina", f"somebody-elses-{number}")
    put(db_session, run_id, "queued")
    assert fragment(owner, run_id).page.select("//section/@hx-trigger") == [f"every {seconds}s"]
    put(db_session, run_id, "running")
    assert fragment(owner, run_id).page.select("//section/@hx-trigger") == ["every 1s"]


@pytest.mark.parametrize("status", ENDED)
def test_the_last_one_does_not_poll_and_lets_the_table_know(
    owner: Owner, run_id: int, db_session: Session, status: str
) -> None:
    put(db_session, run_id, status, error="Эвотор не отвечает" if status == "failed" else None)
    response = fragment(owner, run_id)
    assert "hx-trigger" not in response.text and "hx-get" not in response.text
    assert response.headers["HX-Trigger"] == "catalog-changed"
    assert not response.page.select("//form[contains(@action, '/cancel')]") + response.page.select(
        "//progress"
    )


@pytest.mark.parametrize("status", ["queued", "running", *ENDED])
def test_the_page_shows_the_same_state_as_the_fragment(
    owner: Owner, run_id: int, db_session: Session, status: str
) -> None:
    put(db_session, run_id, status)
    (on_page,) = owner.client.get("/catalog").page.select("//*[@id='refresh']")
    assert on_page.get("data-state") == status
    assert (on_page.get("hx-trigger") is not None) == (status in ("queued", "running"))


def test_step_bar_and_counts_tell_how_far_it_is(owner: Owner, run_id: int, db_session: Session) -> None:
    outcome = StoreOutcome(MAIN, "Чайная", "fetching", groups=4, products=1200)
    put(
        db_session,
        run_id,
        "running",
        step="Чайная: товары",
        done=1200,
        total=4800,
        stores=[vars(outcome)],
    )
    page = fragment(owner, run_id).page
    words = page.text.replace("\N{NO-BREAK SPACE}", " ")
    assert "Чайная: товары" in words and "1 200 из ≈ 4 800" in words and "Чайная: загружаем" in words
    (bar,) = page.select("//progress")
    assert (bar.get("value"), bar.get("max")) == ("1200", "4800")
    assert bar.get("aria-label")


def test_without_a_total_the_bar_is_open(owner: Owner, run_id: int, db_session: Session) -> None:
    put(db_session, run_id, "running", done=30, total=None)
    (bar,) = fragment(owner, run_id).page.select("//progress")
    assert bar.get("value") is None


def test_more_goods_than_expected_do_not_overrun_the_bar(
    owner: Owner, run_id: int, db_session: Session
) -> None:
    put(db_session, run_id, "running", done=500, total=400)
    (bar,) = fragment(owner, run_id).page.select("//progress")
    assert float(bar.get("value")) <= float(bar.get("max"))


def test_cancelling_with_htmx_answers_with_the_last_fragment(owner: Owner, run_id: int) -> None:
    response = owner.client.htmx_post(f"/catalog/refresh/{run_id}/cancel")
    assert response.page.select("//section/@data-state") == ["cancelled"]
    assert "hx-trigger" not in response.text
    assert response.headers["HX-Trigger"] == "catalog-changed"


def test_without_htmx_its_address_leads_to_the_page(owner: Owner, run_id: int) -> None:
    response = owner.client.get(f"/catalog/refresh/{run_id}")
    assert (response.status_code, response.location) == (303, "/catalog")


def test_caches_keep_page_and_fragment_apart(owner: Owner, run_id: int) -> None:
    assert "HX-Request-Type" in fragment(owner, run_id).headers["Vary"]


@pytest.mark.parametrize("wrong", ["0", "999999", "99999999999999999999", "-1", "x"])
def test_an_unknown_run_is_not_found(owner: Owner, run_id: int, wrong: str) -> None:
    assert owner.client.htmx_get(f"/catalog/refresh/{wrong}").status_code == 404
