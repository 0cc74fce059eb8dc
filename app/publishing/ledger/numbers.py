"""VK's numbers that stand for something in a community already, in anybody's ledger."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.publishing.ledger.models import ForeignListing, Listing, MarketAlbum
from app.publishing.run.models import Publication
from app.work.runs.running import Running


def known_items(running: Running[Publication], item_ids: Collection[int]) -> set[int]:
    """Those of the numbers that stand for a listing, ours or not."""
    return _known(running, item_ids, Listing.item_id, ForeignListing.item_id)


def known_albums(running: Running[Publication], album_ids: Collection[int]) -> set[int]:
    """Those of the numbers that stand for an album, ours or not."""
    return _known(running, album_ids, MarketAlbum.album_id)


def _known(running: Running[Publication], numbers: Collection[int], *columns: Any) -> set[int]:
    with Session(running.engine) as session:
        return {
            number
            for column in columns
            for number in session.scalars(
                select(column)
                .where(column.class_.community_id == running.row.community_id)
                .where(column.in_(numbers))
            )
        }
