"""A refresh speaks to its owner: what its row keeps is said in their language, whichever thread says it."""

from sqlalchemy import update

from app.accounts.models import User
from app.mirror.refresh import too_slow
from app.mirror.refresh.progress import Progress
from tests.mirror.refresh.conftest import SIDE, said


def test_steps_and_troubles_are_said_in_the_owners_language(
    refresh, shop, owner, db_session, monkeypatch
) -> None:
    db_session.execute(update(User).filter_by(id=owner.id).values(language="en"))
    steps: set[str] = set()

    def noted(progress, name, value) -> None:
        object.__setattr__(progress, name, value)
        if name == "step":
            steps.add(value.rpartition(": ")[2])

    check = too_slow.Patience.check

    def side_is_slow(own, outcome, started) -> None:
        check(own, outcome, started)
        if outcome.store_id == SIDE and outcome.products:
            raise too_slow.TooSlow

    monkeypatch.setattr(Progress, "__setattr__", noted)
    monkeypatch.setattr(too_slow.Patience, "check", side_is_slow)
    assert refresh().status == "partial"
    assert steps - {""} == {"Loading the list of stores", "loading groups", "loading products", "saving"}
    why = "Evotor is answering too slowly; try again later"
    assert f"“Склад” could not be refreshed: {why}. The earlier data is shown there." in said(owner)
