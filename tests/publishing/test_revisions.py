"""The database itself counts what is written of a listing, so that no plan takes an old one for current."""

from sqlalchemy import select, text, update

from app.data.db import db
from app.data.types import now
from app.publishing.current import current_plan
from app.publishing.ledger.models import Listing
from tests.databases import on_both
from tests.publishing.conftest import Publishing
from tests.stock import Stock

COMPARED = {
    "sku": "A-9",
    "item_id": 99_999,
    "state": "hidden",
    "sent": {"name": "Другое"},
    "seen": {"name": "Другое"},
    "owners": {"name": "vk"},
    "refused": {"name": "Другое"},
    "problem": "Не получилось.",
}


@on_both
def test_whatever_is_written_that_a_plan_compares_takes_the_mark_away(
    publishing: Publishing, tea: Stock
) -> None:
    publishing.publish()
    publishing.read()
    with publishing.owner.app.app_context():
        _each_is_counted(publishing)


def _each_is_counted(publishing: Publishing) -> None:
    one = Listing.__table__.c.sku == "A-1"
    row = db.session.execute(select(Listing.__table__).where(one)).one()
    assert row.settled
    assert not current_plan(publishing.owner.id, publishing.community_id).settled
    db.session.execute(update(Listing.__table__).where(one).values(seen_at=now(), settled=row.settled))
    assert not current_plan(publishing.owner.id, publishing.community_id).settled
    for counted, (column, value) in enumerate(COMPARED.items(), row.revision + 1):
        changed = update(Listing.__table__).where(Listing.__table__.c.id == row.id).values({column: value})
        db.session.execute(changed)
        found = db.session.scalar(text("SELECT revision FROM listings WHERE id = :id").bindparams(id=row.id))
        assert found == counted, column
