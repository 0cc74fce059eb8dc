"""What of several stores is one good in a price list, as it is in the plan."""

from app.connections.may_publish import may_publish
from app.publishing.ledger.entries import listed_of, listed_together
from app.publishing.planning.merging import Joins
from app.publishing.planning.settings import Settings
from app.publishing.settings.same_goods import answers_of


def joins_of(user_id: int, settings: Settings) -> Joins:
    """Read the owner's answers, and which goods stand behind one listing; nothing where none are joined."""
    if settings.merge_by == "none":
        return Joins()
    community = may_publish(user_id).community
    entries = listed_of(user_id, community.id) if community else []
    return Joins(answers_of(user_id, settings.merge_by), listed_together(entries))
