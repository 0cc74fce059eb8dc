"""What later runs have done to the listings of a run that is taken back: their word is the last one."""

from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy import Text, cast, func, select

from app.data.db import db
from app.publishing.ledger.album_writing import ALBUM
from app.publishing.ledger.of_run import TAKEN
from app.publishing.ledger.removing import DELETED, RESTORED
from app.publishing.planning.plan import CREATE
from app.publishing.run.models import Publication, PublicationItem

# Stands beside the names of fields: deleted, or added anew, it is another listing in all of them.
WHOLE = "whole"

Touched = Mapping[int, frozenset[str]]

_ROWS_A_CHUNK = 100
_NONE: frozenset[str] = frozenset()
_decode = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


def touched_since(undo: Publication) -> Touched:
    """Which fields VK took from runs after the one that `undo` takes back, by listing; WHOLE for all of them.

    What such a run did and was taken back itself is as if it had never been, field by field. What else takes
    the same run back does not count. Of listings that the run did nothing to nothing is told.
    """
    taken_back = set(db.session.scalars(select(Publication.undoes).where(*_of_later_runs(undo))))
    of_it = select(PublicationItem.listing_id).filter_by(publication_id=undo.undoes, outcome=TAKEN)
    rows: Any = db.session.execute(
        select(
            *(PublicationItem.listing_id, PublicationItem.publication_id, Publication.undoes),
            *(PublicationItem.action, cast(PublicationItem.after, Text)),
        )
        .join(Publication, Publication.id == PublicationItem.publication_id)
        .where(*_of_later_runs(undo), PublicationItem.outcome == TAKEN, PublicationItem.listing_id.in_(of_it))
        .order_by(PublicationItem.id),
        # Texts may be long: never all at once.
        execution_options={"yield_per": _ROWS_A_CHUNK},
    )
    # Most goods have the same few fields touched.
    same: dict[frozenset[str], frozenset[str]] = {}
    found: dict[int, frozenset[str]] = {}
    # What may yet be taken back, by listing and run.
    open_yet: dict[tuple[int, int], frozenset[str]] = {}
    for listing_id, run_id, undoes, action, after in rows:
        fields = _fields(action, after)
        if (listing_id, undoes) in open_yet:
            open_yet[listing_id, undoes] -= fields
        elif run_id in taken_back:
            fields |= open_yet.get((listing_id, run_id), _NONE)
            open_yet[listing_id, run_id] = same.setdefault(fields, fields)
        else:
            fields |= found.get(listing_id, _NONE)
            found[listing_id] = same.setdefault(fields, fields)
    for (listing_id, _), fields in open_yet.items():
        if fields:
            found[listing_id] = found.get(listing_id, _NONE) | fields
    return found


def albums_touched_since(undo: Publication) -> set[int]:
    """The albums, by their rows' ids, that runs after it have named, as far as these were not taken back."""
    taken_back = select(Publication.undoes).where(*_of_later_runs(undo), Publication.undoes.is_not(None))
    takes_back_a_later = func.coalesce(Publication.undoes, 0) > undo.undoes
    items = (
        select(PublicationItem.after)
        .join(Publication, Publication.id == PublicationItem.publication_id)
        .where(*_of_later_runs(undo), ~takes_back_a_later, Publication.id.not_in(taken_back))
        .where(PublicationItem.action == ALBUM, PublicationItem.outcome == TAKEN)
    )
    return {after[ALBUM] for after in db.session.scalars(items) if ALBUM in after}


def _of_later_runs(undo: Publication) -> tuple[Any, ...]:
    return (
        Publication.user_id == undo.user_id,
        Publication.community_id == undo.community_id,
        Publication.id > undo.undoes,
        Publication.undoes.is_distinct_from(undo.undoes),
    )


def _fields(action: str, after: str) -> frozenset[str]:
    return frozenset((WHOLE,) if action in (CREATE, DELETED, RESTORED) else _decode(after))
