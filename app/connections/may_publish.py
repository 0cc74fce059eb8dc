"""The one question that publication asks: may this owner publish, and if not, what is in the way."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, ScalarSelect, bindparam, cast, select

from app.connections.models import EVOTOR, VK, CloudAccount
from app.connections.problems import Kind, Problem, problem_of
from app.data.compiled import read_value
from app.data.db import db

# Built once: a run asks before each of its calls, a page for its strip.
_OWNED = select(CloudAccount).filter_by(user_id=bindparam("user_id"))
_TILL = select(CloudAccount.status, CloudAccount.last_error, CloudAccount.profile).filter_by(
    user_id=bindparam("user_id"), provider=EVOTOR
)
_VK_PROFILE = select(CloudAccount.profile).filter_by(user_id=bindparam("user_id"), provider=VK)


class ChosenCommunity(NamedTuple):
    """Where goods go: `id` is positive, and negated it owns the community's goods.

    counts_stock: its shop is an extended one, as it was when VK was last looked at.
    """

    id: int
    name: str
    photo: str | None
    counts_stock: bool = False


class MayPublish(NamedTuple):
    """The chosen community, None while there is none, and the problem in the way, None when goods may go."""

    community: ChosenCommunity | None
    problem: Problem | None


def may_publish(user_id: int) -> MayPublish:
    """Tell whether goods of this owner may be sent now, and where to; one query.

    An Evotor that does not answer for a moment is no reason to stop: what it said last is in the catalogue.
    """
    return judged(connections_by_provider(user_id))


def judged(owned: Mapping[str, CloudAccount]) -> MayPublish:
    """Tell the same of connections that have been read already."""
    problem = _of_till(owned.get(EVOTOR)) or problem_of(VK, owned.get(VK))
    return MayPublish(community_of(owned.get(VK)), problem)


def till_problem(user_id: int) -> Problem | None:
    """Tell what of the owner's till is in the way of publication at this moment; one query."""
    return _of_till(db.session.execute(_TILL, {"user_id": user_id}).first())


def _of_till(till: Any) -> Problem | None:
    """The same of the till as it was read, whole or its columns; None: there is none."""
    problem = problem_of(EVOTOR, till)
    return None if problem is not None and problem.kind is Kind.EVOTOR_AWAY else problem


def connections_by_provider(user_id: int) -> dict[str, CloudAccount]:
    """Read the owner's connections."""
    owned = db.session.scalars(_OWNED, {"user_id": user_id})
    return {connection.provider: connection for connection in owned}


def chosen_community_id(user_id: Any) -> ScalarSelect[int]:
    """The community that an owner (a value or a parameter) has chosen, as SQL; NULL while there is none."""
    chosen = CloudAccount.profile["community"]["id"].as_string()
    return select(cast(chosen, BigInteger)).filter_by(user_id=user_id, provider=VK).scalar_subquery()


def community_of(vk: CloudAccount | None) -> ChosenCommunity | None:
    """Give the community that the owner has chosen, None while there is none."""
    return _community_in(vk.profile) if vk else None


def _community_in(profile: Mapping[str, Any]) -> ChosenCommunity | None:
    chosen = profile.get("community")
    if not chosen:
        return None
    return ChosenCommunity(
        chosen["id"], chosen["name"], chosen.get("photo"), bool(chosen.get("counts_stock"))
    )


def counts_stock(user_id: int) -> bool:
    """Tell whether the community that the owner has chosen has a shop that counts stock; one query."""
    community = _community_in(read_value(_VK_PROFILE, {"user_id": user_id}) or {})
    return community is not None and community.counts_stock
