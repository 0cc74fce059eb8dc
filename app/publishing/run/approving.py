"""The owner's word on a plan, kept good by good, and the part of a later plan that it is still about."""

from collections.abc import Collection
from functools import cache

from sqlalchemy import Executable, bindparam, delete, select

from app.data.compiled import read_value
from app.data.db import db
from app.data.engine import insert_or_update
from app.publishing.current import was_approved
from app.publishing.planning.approved import approved_part, is_confirmed, marks_of
from app.publishing.planning.guard import of_one
from app.publishing.planning.plan import Hold, Plan
from app.publishing.run.limits import limits_of
from app.publishing.run.models import AUTO, ONE, ApprovedGoods, Publication
from app.publishing.settings.models import PublicationSettings

# Built once: a run asks each time it looks.
_GOES_BY_ITSELF = select(PublicationSettings.auto).filter_by(user_id=bindparam("user_id"))
_FORGETTING_FORMER = (
    delete(ApprovedGoods)
    .where(
        ApprovedGoods.publication_id.in_(select(Publication.id).filter_by(user_id=bindparam("owner_id"))),
        ApprovedGoods.publication_id != bindparam("run_id"),
    )
    .execution_options(synchronize_session=False)
)
_MARKS = select(ApprovedGoods.marks).filter_by(publication_id=bindparam("run_id"))


def note_approved(run: Publication, plan: Plan) -> None:
    """Keep what the owner approves by letting `run` go, in place of what was approved before. No commit."""
    db.session.execute(_FORGETTING_FORMER, {"owner_id": run.user_id, "run_id": run.id})
    noted = {"publication_id": run.id, "marks": marks_of(plan)}
    db.session.execute(_noting(db.engine.dialect.name), noted)


@cache
def _noting(dialect: str) -> Executable:
    # Several clicks may be about one run.
    statement = insert_or_update(dialect, ApprovedGoods.__table__)
    return statement.on_conflict_do_update(
        index_elements=["publication_id"], set_={"marks": statement.excluded.marks}
    )


def part_of(run: Publication, plan: Plan) -> Plan:
    """The part of a plan that a run is about, with what is unusual about it: one good, or all."""
    if run.origin != ONE or not run.only:
        return plan
    store_id, product_id = run.only
    return of_one(plan, (store_id, product_id))


def still_approved(run: Publication, plan: Plan) -> Plan:
    """What a run may do of a plan: what its owner has seen, where nothing goes without that."""
    if not _is_seen_first(run):
        return plan
    marks = _marks(run)
    # A run from before they were kept.
    if marks is None:
        return plan
    return approved_part(plan, marks, limits_of(run.user_id, run.community_id))


def unconfirmed(run: Publication, plan: Plan, words: Collection[str]) -> list[Hold]:
    """What is unusual about a plan, and not about the part of it that the owner's last words were about."""
    marks = _marks(run) if plan.holds and words else None
    return [hold for hold in plan.holds if not is_confirmed(hold, words, marks)]


def _is_seen_first(run: Publication) -> bool:
    """Whether a run does nothing that its owner, who publishes changes by hand, has not seen."""
    if run.origin == AUTO and run.approved_at is None:
        return False
    goes_by_itself = read_value(_GOES_BY_ITSELF, {"user_id": run.user_id})
    if goes_by_itself is None:
        return False
    # Who has sent one good alone has let nothing else go by itself yet.
    return not goes_by_itself or (run.origin == ONE and not was_approved(run.user_id, run.community_id))


def _marks(run: Publication) -> str | None:
    marks: str | None = read_value(_MARKS, {"run_id": run.id})
    return marks
