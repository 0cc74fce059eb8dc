"""«Отключить» forgets the secret and keeps the owner's work."""

from sqlalchemy.orm import Session

from app.connections.models import RECONNECT, CloudAccount
from tests.belongings import belongings, fill_every_table
from tests.owners import DEMO_TOKEN, Owner

DELETE = "/connections/evotor/delete"


def test_it_is_asked_first_and_a_link_deletes_nothing(alice: Owner, db_session: Session) -> None:
    alice.connect_evotor()
    page = alice.client.get(DELETE).page
    assert "Сохраним: загруженный каталог и все правила" in page.text
    assert len(belongings(db_session, alice.id)["connections"]) == 1


def test_the_secret_goes_and_the_catalogue_and_the_rules_stay(
    alice: Owner, db_session: Session, run_jobs
) -> None:
    fill_every_table(alice, db_session, run_jobs)
    before = belongings(db_session, alice.id)
    response = alice.disconnect()
    assert (response.status_code, response.location) == (303, "/connections")
    after = belongings(db_session, alice.id)
    for forgotten in ("connections", "evotor_accounts", "feeds"):
        assert after.pop(forgotten) == []
        del before[forgotten]
    assert after == before
    page = alice.client.get("/catalog").page
    assert "Эвотор не подключён" in page.text
    assert len(page.select("//tr[@data-entity='store']")) == 3


def test_connecting_again_finds_everything_as_it_was(alice: Owner, db_session: Session, run_jobs) -> None:
    fill_every_table(alice, db_session, run_jobs)
    rules = belongings(db_session, alice.id)["sync_filters"]
    alice.disconnect()
    alice.client.post("/connections/evotor", data={"token": DEMO_TOKEN})
    alice.client.post("/catalog/refresh")
    run_jobs()
    assert belongings(db_session, alice.id)["sync_filters"] == rules
    page = alice.client.get("/catalog").page
    assert page.select("//*[@id='refresh']/@data-state") == ["done"]
    assert "Изменений нет" in page.text


def test_what_is_not_connected_cannot_be_disconnected(alice: Owner) -> None:
    for provider in ("evotor", "vk", "telegram"):
        assert alice.client.get(f"/connections/{provider}/delete").status_code == 404
        assert alice.client.post(f"/connections/{provider}/delete").status_code == 404


def test_a_page_of_long_ago_disconnects_nothing_newer(alice: Owner, db_session: Session) -> None:
    alice.connect_evotor()
    (seen,) = alice.client.get(DELETE).page.select("//input[@name='seen']/@value")
    alice.disconnect()
    alice.connect_evotor()
    response = alice.client.post(DELETE, data={"seen": seen}, follow_redirects=True)
    assert "Здесь уже другое подключение" in response.page.text
    assert len(belongings(db_session, alice.id)["connections"]) == 1


def test_how_an_attempt_ended_is_not_told_as_what_is_so_now(alice: Owner, db_session: Session) -> None:
    alice.client.post("/connections/evotor", data={"token": DEMO_TOKEN})
    trying = "/connections/evotor/trying"
    assert "Эвотор подключён." in alice.client.get(trying, follow_redirects=True).text
    db_session.query(CloudAccount).filter_by(user_id=alice.id).update({"status": RECONNECT})
    db_session.commit()
    assert "Эвотор подключён." not in alice.client.get(trying, follow_redirects=True).text
    alice.disconnect()
    page = alice.client.get(trying, follow_redirects=True).page
    assert "Эвотор сейчас не подключён." in page.text and "Эвотор подключён." not in page.text
