"""What VK refused in a run, and how it comes to be tried anew."""

from typing import NamedTuple

from sqlalchemy import select, update

from app.data.db import db
from app.publishing.ledger.album_writing import ALBUM
from app.publishing.ledger.albums import forget_refused_albums
from app.publishing.ledger.models import Listing
from app.publishing.ledger.of_run import REFUSED
from app.publishing.run.models import Publication, PublicationItem


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
    own = (Listing.user_id == run.user_id, Listing.id.in_(refused.listing_ids))
    db.session.execute(
        update(Listing)
        .where(*own)
        .values(refused={}, problem=None, problem_code=None)
        .execution_options(synchronize_session=False)
    )
    forget_refused_albums(run.user_id, run.community_id)
    db.session.commit()
