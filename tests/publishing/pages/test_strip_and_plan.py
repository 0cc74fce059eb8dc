"""Whatever makes another plan, the strip tells the number of that, and none kept of an earlier one."""

from collections.abc import Callable
from decimal import Decimal
from itertools import pairwise

import pytest
from sqlalchemy import insert, select

from app.connections.models import VK, CloudAccount
from app.data.db import db
from app.mirror.difference import remove_store
from app.mirror.drop_guard import DropGuard
from app.mirror.models import CatalogRefresh
from app.publishing import remembered
from app.publishing.ledger.models import Listing
from app.publishing.ledger.refused import Refused, try_anew
from app.publishing.photos import keeping
from app.publishing.photos.models import GoodPhoto
from app.publishing.planning.choosing import GroupChoice
from app.publishing.planning.plan import DONE_BY_RUN
from app.publishing.run.models import Publication
from app.publishing.settings.save import save_group, save_settings
from app.rules.changes.apply import undo
from app.rules.models import RuleChange
from app.work.runs.row import DONE
from sandbox.vk.world import VkWorld
from tests.publishing.conftest import Publishing
from tests.stock import Stock, group, product

OTHERS = [product(f"o{each}", f"Сушёные яблоки {each}", "dried", price=100, quantity=5) for each in range(2)]


def told(publishing: Publishing) -> int:
    """The number of the strip on a page, which asks for it where it knows none."""
    client = publishing.owner.client
    [shown] = client.get("/catalog").page.texts("//*[@id='waiting']")
    return int((shown or client.get("/sync/waiting").text).rpartition(" ")[2])


def planned(publishing: Publishing) -> int:
    """The number that a plan of this moment has."""
    return sum(publishing.plan().counts[kind] for kind in DONE_BY_RUN)


def forget_store(publishing: Publishing, store_id: str) -> None:
    """Let a refresh find that the cloud lists a store no more."""
    with publishing.owner.app.app_context(), db.engine.begin() as connection:
        row = insert(CatalogRefresh).values(user_id=publishing.owner.id, status=DONE)
        run = connection.execute(row.returning(CatalogRefresh.id)).scalar_one()
        remove_store(connection, publishing.owner.id, run, store_id, DropGuard(percent=100, confirmed=0))


def test_a_store_that_goes_is_seen_whichever_of_them_it_is(publishing: Publishing, tea: Stock) -> None:
    tea.put("s2", "Склад", groups=[group("dried")], products=OTHERS)
    tea.put("s3", "Киоск")
    publishing.publish()
    assert told(publishing) == planned(publishing) == 0
    for store_id, left in (("s1", 3), ("s2", 5)):
        forget_store(publishing, store_id)
        assert told(publishing) == planned(publishing) == left
    forget_store(publishing, "s3")
    assert told(publishing) == planned(publishing) == 5


def test_whatever_makes_another_plan_is_seen(publishing: Publishing, tea: Stock, vk: VkWorld) -> None:
    user_id, client = publishing.owner.id, publishing.owner.client
    tea.put("s2", "Склад", groups=[group("dried")], products=OTHERS)
    publishing.publish()
    seen = [told(publishing)]

    def click(kind: str, entity_id: str, mode: str) -> None:
        form = {"entity_type": kind, "entity_id": entity_id, "store_id": "s2", "filter_mode": mode}
        client.htmx_post("/catalog/filter", form)

    def take_back() -> None:
        newest = select(RuleChange).filter_by(user_id=user_id).order_by(RuleChange.id.desc()).limit(1)
        undo(db.session.scalars(newest).one())
        db.session.commit()

    def put_photo() -> None:
        tea.photos(goods=[("s2", "o1")])
        # Which says that there is another plan, as a picture that is sent to us does.
        save_settings(user_id, {"reserve": 0})

    def forget_photo() -> None:
        keeping.forget(user_id, db.session.scalars(select(GoodPhoto.id)).one())

    def lose_a_good() -> None:
        tea.put("s2", "Склад", groups=[group("dried")], products=OTHERS[:1])

    def stock_is_counted() -> None:
        account = db.session.scalars(select(CloudAccount).filter_by(user_id=user_id, provider=VK)).one()
        community = account.profile["community"] | {"counts_stock": True}
        account.profile = account.profile | {"community": community}
        db.session.commit()

    def vk_refuses() -> None:
        vk.faults.add("error", method="market.edit", code=100, times=1)
        publishing.publish()

    def try_it_anew() -> None:
        run = db.session.scalars(select(Publication).order_by(Publication.id.desc()).limit(1)).one()
        refused = select(Listing.id).where(Listing.problem.is_not(None))
        try_anew(run, Refused(list(db.session.scalars(refused)), set()))

    marked_up = GroupChoice(markup_percent=Decimal(50))
    changes: list[Callable[[], object]] = [
        lambda: click("group", "dried", "exclude"),
        lambda: click("group", "dried", "none"),
        lambda: click("product", "o1", "exclude"),
        take_back,
        lambda: save_group(user_id, ("s2", "dried"), marked_up),
        lambda: save_group(user_id, ("s2", "dried"), GroupChoice()),
        lambda: save_group(user_id, ("s2", "dried"), marked_up),
        vk_refuses,
        try_it_anew,
        lambda: save_settings(user_id, {"reserve": 5}),
        put_photo,
        forget_photo,
        stock_is_counted,
        lose_a_good,
    ]
    for number, change in enumerate(changes):
        with publishing.owner.app.app_context():
            change()
        seen.append(told(publishing))
        assert seen[-1] == planned(publishing), (number, seen)
    assert sum(a != b for a, b in pairwise(seen)) > 8, str(seen)


def test_no_number_is_told_for_longer_than_an_hour(
    publishing: Publishing, tea: Stock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def is_kept() -> bool:
        publishing.owner.client.get("/sync/waiting")
        [shown] = publishing.owner.client.get("/catalog").page.texts("//*[@id='waiting']")
        return shown != ""

    assert is_kept()
    monkeypatch.setattr(remembered, "KEPT_SECONDS", 0)
    tea.put("s2", "Склад")
    assert not is_kept()
