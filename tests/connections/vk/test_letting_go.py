"""Rights that are no longer needed go back to VK, and only those."""

from collections.abc import Callable

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.clients.errors import Unauthorized
from app.connections import routes
from app.connections.checks import check
from app.connections.models import CloudAccount
from app.connections.vk import account
from app.data.db import db
from sandbox.vk.world import Community, Person, VkWorld
from tests.connections.vk.conftest import card, connect, decide
from tests.owners import PASSWORD, Owner

Stored = Callable[[Owner], CloudAccount | None]


@pytest.fixture
def oleg(vk: VkWorld) -> Person:
    """Another person, who administrates nothing."""
    return vk.people[1002]


def holders(vk: VkWorld) -> list[str]:
    """The people of whom the app holds rights."""
    return [grant.person.first_name for grant in vk.grants]


def delete_account(owner: Owner) -> str:
    """Delete the owner's account; return the text of the page that follows."""
    return owner.client.post("/profile/delete", data={"password": PASSWORD}, follow_redirects=True).page.text


@pytest.mark.parametrize("hours", [0, 2])
def test_deleting_the_account_revokes_at_vk(
    alice: Owner, maria: Person, teahouse: Community, vk: VkWorld, hours: int
) -> None:
    connect(alice, maria, teahouse)
    if hours:
        vk.expire_access()
    text = delete_account(alice)
    assert "Аккаунт и все его данные удалены" in text and "не подтвердил отзыв" not in text
    assert holders(vk) == []


def test_deleting_the_account_works_while_vk_is_away_and_says_what_is_left(
    alice: Owner, maria: Person, teahouse: Community, vk: VkWorld, stored: Stored
) -> None:
    connect(alice, maria, teahouse)
    vk.trouble = "status_500"
    text = delete_account(alice)
    assert "удалены" in text and "не подтвердил отзыв" in text
    assert stored(alice) is None


def test_a_wrong_password_revokes_nothing(
    alice: Owner, maria: Person, teahouse: Community, vk: VkWorld
) -> None:
    connect(alice, maria, teahouse)
    alice.client.post("/profile/delete", data={"password": "не тот"})
    assert holders(vk) == ["Мария"]


@pytest.mark.parametrize("hours", [0, 2])
def test_another_person_takes_the_place_and_the_first_ones_rights_go(
    alice: Owner, maria: Person, oleg: Person, vk: VkWorld, hours: int
) -> None:
    connect(alice, maria)
    if hours:
        vk.expire_access()
    connect(alice, oleg)
    assert holders(vk) == ["Олег"]
    assert "Олег Тихонов" in card(alice)


def test_the_same_person_again_keeps_the_new_rights(alice: Owner, maria: Person, vk: VkWorld) -> None:
    connect(alice, maria)
    connect(alice, maria)
    alice.check("vk")
    assert "На связи" in card(alice)
    alice.disconnect("vk")
    assert holders(vk) == []


def test_rights_that_cannot_be_read_any_more_are_the_owners_to_take_back(
    alice: Owner, maria: Person, oleg: Person, db_session: Session
) -> None:
    connect(alice, maria)
    db_session.execute(update(CloudAccount).values(credentials="of a key that is gone"))
    path = decide(alice, oleg)
    page = alice.client.get(path, follow_redirects=True).page
    assert "не подтвердил отзыв у прежнего аккаунта" in page.text


@pytest.mark.parametrize("way", ["disconnect", "delete the account", "connect another"])
def test_another_owner_with_the_same_person_stays_connected(
    alice: Owner, bob: Owner, maria: Person, oleg: Person, teahouse: Community, vk: VkWorld, way: str
) -> None:
    connect(bob, maria, teahouse)
    connect(alice, maria, teahouse)
    if way == "disconnect":
        alice.disconnect("vk")
    elif way == "connect another":
        connect(alice, oleg)
    else:
        delete_account(alice)
    assert holders(vk).count("Мария") == 1
    bob.check("vk")
    assert "На связи" in card(bob)


@pytest.mark.parametrize("way", ["a second click", "another account"])
def test_disconnecting_deletes_what_was_seen_alone(
    alice: Owner,
    maria: Person,
    stored: Stored,
    db_session: Session,
    monkeypatch: pytest.MonkeyPatch,
    way: str,
) -> None:
    connect(alice, maria)

    def meanwhile(_connection: CloudAccount) -> None:
        if way == "a second click":
            db_session.execute(delete(CloudAccount))
        else:
            db_session.execute(update(CloudAccount).values(external_user_id="1002"))
        db.session.commit()

    monkeypatch.setattr(routes, "disconnect_vk", meanwhile)
    assert alice.disconnect("vk").status_code == 303
    assert (stored(alice) is None) == (way == "a second click")


def test_a_check_whose_connection_goes_before_its_token_is_exchanged_ends_quietly(
    alice: Owner, maria: Person, teahouse: Community, db_session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect(alice, maria, teahouse)
    connection_id = db_session.scalars(select(CloudAccount.id)).one()

    def look(*_arguments: object) -> None:
        db_session.execute(delete(CloudAccount))
        db_session.commit()
        raise Unauthorized("revoked by the disconnection")

    monkeypatch.setattr(account, "look", look)
    with alice.app.app_context():
        check(connection_id)
