"""A reading of the community as the pages that wait for it show it."""

from typing import NamedTuple

from flask import make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.data.db import db
from app.publishing.ledger.doubts import BELIEVED_AFTER, GOODS, doubts_of
from app.publishing.run.lives import readings
from app.publishing.run.models import MarketReading
from app.web.formatting import until
from app.web.htmx import refresh_page, vary_by_request_type, wants_fragment
from app.work.runs.row import DONE


class ReadingView(NamedTuple):
    """A reading, how often its progress is asked for, and whether no worker is there to begin it."""

    row: MarketReading
    poll_seconds: int
    is_unattended: bool


def reading_view(row: MarketReading) -> ReadingView:
    """Describe a reading."""
    return ReadingView(row, readings.poll_seconds(row), readings.is_unattended(row))


def active_reading(user_id: int) -> ReadingView | None:
    """The reading that the owner waits for, None when there is none."""
    row = readings.latest(user_id)
    return reading_view(row) if row is not None and row.is_active else None


class DoubtView(NamedTuple):
    """A look that is not believed: how many of how many listings it showed, and when another is due."""

    shown: int
    known: int
    again_at: str


def doubt_view(user_id: int, community_id: int) -> DoubtView | None:
    """Describe the look that another has to bear out, None when there is none."""
    doubt = doubts_of(db.session, user_id, community_id).get(GOODS)
    if doubt is None:
        return None
    return DoubtView(doubt.shown, doubt.known, until(doubt.since + BELIEVED_AFTER))


def shown_reading(row: MarketReading) -> ResponseReturnValue:
    """The fragment of a reading; once it is done, the page that waited for it shows the new state."""
    if not wants_fragment():
        return redirect(url_for("sync.listings.show"), 303)
    response = make_response(render_template("publishing/_reading.html", reading=reading_view(row)))
    if row.status == DONE:
        response = refresh_page(response)
    return vary_by_request_type(response)
