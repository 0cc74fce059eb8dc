"""A refresh speaks to its owner: what its row keeps is said in their language, whichever thread says it."""

from sqlalchemy import update

from app.accounts.models import User
from app.mirror.refresh import stores
from tests.mirror.refresh.conftest import SIDE, said


def test_steps_and_troubles_are_said_in_the_owners_language(
    refresh, shop, owner, db_session, monkeypatch
) -> None:
    db_session.execute(update(User).filter_by(id=owner.id).values(language="en"))
    monkeypatch.setattr(stores, "STORE_PATIENCE_SECONDS", 0.4)
    monkeypatch.setattr(stores, "FEWEST_A_SECOND", 1e9)
    shop.world.faults.add("slow", store=SIDE, resource="products", seconds=0.3)
    steps: set[str] = set()
    check = stores.StoreRun._check

    def noted(run, *given) -> None:
        steps.add(run.progress.step.partition(": ")[2])
        check(run, *given)

    monkeypatch.setattr(stores.StoreRun, "_check", noted)
    assert refresh().status == "partial"
    assert {"loading groups", "loading products"} <= steps <= {"loading groups", "loading products", "saving"}
    why = "Evotor is answering too slowly; try again later"
    assert f"“Склад” could not be refreshed: {why}. The earlier data is shown there." in said(owner)
