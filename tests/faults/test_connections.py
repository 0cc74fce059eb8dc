"""Every fault at every page of the connections: its own words, the true state, nothing lost."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.connections.evotor import account as evotor_account
from app.connections.models import EVOTOR as EVOTOR_PROVIDER
from app.connections.models import ONLINE, RECONNECT, CloudAccount
from app.connections.models import VK as VK_PROVIDER
from app.connections.vk import account as vk_account
from sandbox.vk.world import Community, Person, VkWorld
from sandbox.world import World
from tests.connections.vk.conftest import connect
from tests.faults.matrix import EVOTOR, VK, WORDS
from tests.owners import DEMO_TOKEN, Owner

# Enough for a gigantic body to be refused.
MEGABYTES = 66


# The faults that say nothing until somebody gives up.
SILENT = {"timeout", "silence"}
Struck = Callable[..., AbstractContextManager[None]]


@pytest.fixture
def struck(monkeypatch: pytest.MonkeyPatch, world: World, vk: VkWorld) -> Struck:
    """Let a fault of Evotor or a trouble of VK last: `with struck(evotor="timeout"): …`.

    Meanwhile pages give up at the first failure, and at once where nobody will ever answer.
    """
    limits = {"timeout": (60, 60), "tries": 1, "lifetime": 60}
    for account in (evotor_account, vk_account):
        monkeypatch.setattr(account, "_WAITED_FOR", limits)

    @contextmanager
    def lasts(*, evotor: str | None = None, trouble: str | None = None) -> Iterator[None]:
        limits["timeout"] = (60, 0.3) if SILENT & {evotor, trouble} else (60, 60)
        if evotor:
            world.faults.add(evotor, resource="stores", megabytes=MEGABYTES)
        vk.trouble = trouble
        yield
        limits["timeout"] = (60, 60)
        vk.trouble = None
        world.faults.clear()

    return lasts


def says(text: str, sentence: str, fault: str) -> bool:
    # Of a list of stores there is nothing that could be gone.
    expected = "Эвотор" if fault == "status_404" else sentence
    return expected.lower() in text.lower()


def test_a_check_of_evotor_tells_each_fault_and_recovers(
    alice: Owner, struck: Struck, db_session: Session, caplog, subtests: pytest.Subtests
) -> None:
    alice.connect_evotor()
    for fault, met in EVOTOR.items():
        with subtests.test(fault):
            with struck(evotor=fault):
                card = alice.check("evotor").page.text
            assert WORDS[met.state] in card and says(card, met.said, fault)
            assert WORDS[ONLINE] not in card
            row = db_session.scalars(select(CloudAccount).filter_by(provider=EVOTOR_PROVIDER)).one()
            db_session.refresh(row)
            assert (row.is_online, row.status) == (False, met.state)
            assert alice.client.get("/profile").status_code == 200
            assert WORDS[ONLINE] in alice.check("evotor").page.text
    assert DEMO_TOKEN not in caplog.text


def test_a_new_token_is_refused_beside_its_field_for_each_fault(
    alice: Owner, struck: Struck, db_session: Session, caplog, subtests: pytest.Subtests
) -> None:
    for fault, met in EVOTOR.items():
        with subtests.test(fault):
            with struck(evotor=fault):
                answer = alice.client.post("/connections/evotor", data={"token": DEMO_TOKEN})
            assert answer.status_code == 422
            (error,) = answer.page.texts("//*[@id='token-error']")
            # Of a token that has never worked nobody says that it works no more.
            said = "Эвотор не принял токен" if met.state == RECONNECT and fault != "status_403" else met.said
            assert says(error, said, fault)
            assert DEMO_TOKEN not in answer.text
            assert db_session.scalars(select(CloudAccount)).all() == []
    assert DEMO_TOKEN not in caplog.text
    assert alice.client.post("/connections/evotor", data={"token": DEMO_TOKEN}).status_code == 303


def test_each_page_of_vk_tells_each_trouble_and_recovers(
    alice: Owner,
    maria: Person,
    teahouse: Community,
    struck: Struck,
    db_session: Session,
    subtests: pytest.Subtests,
) -> None:
    connect(alice, maria, teahouse)
    for trouble, met in VK.items():
        with subtests.test(trouble):
            with struck(trouble=trouble):
                card = alice.check("vk").page.text
                page = alice.client.get("/connections/vk/community")
                choice = alice.client.post("/connections/vk/community", data={"community_id": teahouse.id})
            assert WORDS[met.state] in card and met.said in card
            assert page.status_code < 500 and choice.status_code < 500
            assert met.said in page.page.text or met.said in alice.client.get("/connections").page.text
            row = db_session.scalars(select(CloudAccount).filter_by(provider=VK_PROVIDER)).one()
            db_session.refresh(row)
            assert row.profile["community"]["id"] == teahouse.id
            assert WORDS[ONLINE] in alice.check("vk").page.text
