"""What VK refused in a run, and how it comes to be tried anew."""

from typing import NamedTuple

from sqlalchemy import ColumnElement, select, update

from app.data.db import db
from app.publishing.ledger.about import NO_PICTURE, UNEXPLAINED
from app.publishing.ledger.album_writing import ALBUM
from app.publishing.ledger.albums import forget_refused_albums
from app.publishing.ledger.models import Listing
from app.publishing.ledger.of_run import REFUSED
from app.publishing.run.models import Publication, PublicationItem
from app.publishing.settings.save import note_new_plan


class Refused(NamedTuple):
    """The ids of the listings that VK refused something of, and the titles of albums that it did not take."""

    listing_ids: list[int]
    albums: set[str]


def refused_by(run: Publication) -> Refused:
    """Read what VK refused in a run."""
    rows = db.session.execute(
        select(PublicationItem.listing_id, PublicationItem.action, PublicationItem.name).filter_by(
            publication_id=run.id, outcome=REFUSED
        )
    ).all()
    listing_ids = {listing_id for listing_id, _, _ in rows if listing_id is not None}
    return Refused(sorted(listing_ids), {name for _, action, name in rows if action == ALBUM})


def try_anew(run: Publication, refused: Refused) -> None:
    """Let the next plan send what was refused, as it is. Commits."""
    _forget_refusals(Listing.user_id == run.user_id, Listing.id.in_(refused.listing_ids))
    forget_refused_albums(run.user_id, run.community_id)
    note_new_plan(run.user_id)
    db.session.commit()


def try_pictures_anew(user_id: int) -> None:
    """Let what lacked the file of a picture be sent by the next plan: it may be there again. No commit."""
    _forget_refusals(Listing.user_id == user_id, Listing.problem_code == NO_PICTURE)


def try_unexplained_anew(user_id: int, community_id: int) -> None:
    """Let the next plan send what VK refused without saying why: it may have been a fault. No commit."""
    in_community = Listing.user_id == user_id, Listing.community_id == community_id
    _forget_refusals(*in_community, Listing.problem_code == UNEXPLAINED)


def _forget_refusals(*which: ColumnElement[bool]) -> None:
    forgotten = update(Listing).where(*which).values(refused={}, problem=None, problem_code=None)
    db.session.execute(forgotten.execution_options(synchronize_session=False))
