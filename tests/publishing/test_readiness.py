"""What publication needs: each point tells the truth, and the switch is green only when goods can go."""

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from app.connections.models import EVOTOR, VK, CloudAccount
from app.data.types import now
from app.mirror.models import CachedStore, CatalogRefresh
from app.work.runs.row import DONE
from tests.checking_client import Page
from tests.owners import Owner

COMMUNITY = {"id": 2001, "name": "Чайная на Театральной", "photo": None}


@pytest.fixture
def ready(alice: Owner, db_session: Session) -> None:
    """Everything in place, and the switch on."""
    for provider, profile in ((EVOTOR, {}), (VK, {"community": COMMUNITY})):
        db_session.add(
            CloudAccount(user_id=alice.id, provider=provider, credentials="", profile=profile, is_online=True)
        )
    db_session.add(CatalogRefresh(user_id=alice.id, status=DONE, finished_at=now()))
    db_session.add(CachedStore(user_id=alice.id, evotor_id="s1", name="Чайная", fetched_at=now()))
    db_session.flush()
    alice.client.post("/sync", data={"is_enabled": "1", "confirm": "1"})


def switch_of(page: Page) -> tuple[str, str]:
    """The colour and the word of the switch."""
    [state] = page.select("//section[@aria-labelledby='switch']//*[@data-state]/@data-state")
    [word] = page.texts("//section[@aria-labelledby='switch']//*[@data-state]")
    return str(state), word


def points_of(page: Page) -> dict[str, str]:
    """Every point, as `title: sentence`, with its state."""
    states = page.select("//section[@aria-labelledby='ready']//li/@data-state")
    return dict(zip(page.texts("//section[@aria-labelledby='ready']//li"), map(str, states), strict=True))


def test_with_everything_in_place_the_switch_is_green(ready: None, alice: Owner) -> None:
    page = alice.client.get("/sync").page
    assert switch_of(page) == ("online", "Включена")
    assert set(points_of(page).values()) == {"online"}
    assert "Раздел «Товары»: Включён" in points_of(page)


@pytest.mark.parametrize(
    ("provider", "columns", "title", "words"),
    [
        (VK, {"status": "market_off"}, "Раздел «Товары»", "В сообществе выключен раздел «Товары»"),
        (VK, {"status": "no_market"}, "Раздел «Товары»", "Доступ к товарам ещё не выдан"),
        (VK, {"status": "role_lost"}, "Сообщество", "Вы больше не администратор"),
        (VK, {"status": "confirm"}, "ВКонтакте", "просит подтвердить"),
        (VK, {"status": "reconnect"}, "ВКонтакте", "Нет доступа"),
        (VK, {"status": "offline"}, "ВКонтакте", "Нет связи"),
        (VK, {"profile": {}}, "Сообщество", "не выбрано"),
        (EVOTOR, {"status": "reconnect"}, "Эвотор", "Нет доступа к Эвотору"),
    ],
)
def test_the_switch_is_never_green_while_nothing_can_be_sent(
    ready: None,
    alice: Owner,
    db_session: Session,
    provider: str,
    columns: dict[str, object],
    title: str,
    words: str,
) -> None:
    db_session.execute(
        update(CloudAccount).filter_by(user_id=alice.id, provider=provider).values(**columns, is_online=False)
    )
    page = alice.client.get("/sync").page
    assert switch_of(page) == ("offline", "Включена, но стоит")
    [sentence] = [each for each, state in points_of(page).items() if state == "offline" and words in each]
    assert sentence.startswith(title)
    assert "Раздел «Товары»: Включён" not in points_of(page) or provider == EVOTOR


def test_without_a_connection_or_a_catalogue_it_is_not_green_either(
    ready: None, alice: Owner, db_session: Session
) -> None:
    db_session.query(CatalogRefresh).delete()
    assert switch_of(alice.client.get("/sync").page)[0] == "offline"
    db_session.add(CatalogRefresh(user_id=alice.id, status=DONE, finished_at=now()))
    db_session.query(CloudAccount).filter_by(provider=VK).delete()
    db_session.flush()
    page = alice.client.get("/sync").page
    assert switch_of(page)[0] == "offline"
    assert "ВКонтакте не подключён" in page.text


def test_an_evotor_that_is_away_for_a_moment_leaves_it_green(
    ready: None, alice: Owner, db_session: Session
) -> None:
    db_session.execute(update(CloudAccount).filter_by(provider=EVOTOR).values(status="offline"))
    page = alice.client.get("/sync").page
    assert switch_of(page)[0] == "online"
    assert "offline" in points_of(page).values()


def test_a_catalogue_that_went_with_its_merchant_is_not_there(
    ready: None, alice: Owner, db_session: Session
) -> None:
    db_session.query(CachedStore).delete()
    page = alice.client.get("/sync").page
    assert switch_of(page)[0] == "offline" and "Каталог: Ещё не загружен" in page.text
