"""TOKEN_KEYS that were lost and put back: the next check finds the secrets readable, whichever cloud's."""

from collections.abc import Callable

from cryptography.fernet import Fernet
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.connections.jobs import check_connections
from app.connections.models import ONLINE, RECONNECT, CloudAccount
from app.connections.secret import NOT_DECRYPTED
from app.data.types import now
from app.mirror.models import CatalogRefresh
from sandbox.vk.people import Community, Person
from sandbox.vk.world import VkWorld
from tests.connections.vk.conftest import connect_at_once, maria, teahouse, vk
from tests.owners import Owner
from tests.product import AppMaker

__all__ = ["maria", "teahouse", "vk"]


def test_a_key_that_was_put_back_mends_both_connections_at_the_next_check(
    app: Flask,
    make_app: AppMaker,
    alice: Owner,
    vk: VkWorld,
    maria: Person,
    teahouse: Community,
    db_session: Session,
    run_jobs: Callable[[], None],
) -> None:
    def states(checked_by: Flask) -> dict[str, tuple[str, str | None]]:
        db_session.execute(update(CloudAccount).values(next_check_at=now()))
        with checked_by.app_context():
            check_connections()
        found = select(CloudAccount.provider, CloudAccount.status, CloudAccount.last_error)
        return {provider: (status, error) for provider, status, error in db_session.execute(found)}

    alice.connect_evotor()
    connect_at_once(alice, vk, maria, teahouse)
    lost = make_app(token_keys=(Fernet.generate_key().decode(),))
    assert states(lost) == {name: (RECONNECT, said) for name, said in NOT_DECRYPTED.items()}
    assert states(app) == dict.fromkeys(NOT_DECRYPTED, (ONLINE, None))
    run_jobs()
    assert db_session.scalars(select(CatalogRefresh.status)).all() == ["done"], "what was missed comes, too"
