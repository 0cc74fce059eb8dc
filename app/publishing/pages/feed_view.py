"""The price list as its owner sees it in the settings: the address, and what the last download held."""

from datetime import datetime
from typing import NamedTuple

from flask import current_app, url_for

from app.connections.models import EVOTOR
from app.connections.state import connection_of
from app.publishing.feed.address import feed_of, secret_of
from app.words import gettext_noop

# Why goods are left out, by the code of the reason, in the words of a list: «без цены — 4».
LEFT_OUT = {
    "no_price": gettext_noop("без цены"),
    "below_floor": gettext_noop("дешевле вашей границы"),
    "service": gettext_noop("услуги"),
    "forbidden": gettext_noop("алкоголь, табак, лекарства"),
}
OTHER = gettext_noop("по другой причине")


class FeedView(NamedTuple):
    """`address` is None while the list is switched off, and unreadable ones are said to be so.

    `offers` and `left_out` are of the last whole download, None before the first.
    """

    may_open: bool
    is_open: bool
    address: str | None = None
    made_at: datetime | None = None
    downloaded_at: datetime | None = None
    offers: int | None = None
    left_out: tuple[tuple[str, int], ...] = ()

    @property
    def left_out_goods(self) -> int:
        return sum(count for _, count in self.left_out)


def feed_view(user_id: int) -> FeedView:
    """Read what the settings show of the price list."""
    may_open = connection_of(user_id, EVOTOR) is not None
    feed = feed_of(user_id)
    if feed is None:
        return FeedView(may_open, is_open=False)
    secret = secret_of(feed)
    address = None
    if secret is not None:
        path = url_for("feeds.price_list", secret=secret)
        address = current_app.extensions["settings"].public_url.rstrip("/") + path
    outcome = feed.outcome or {}
    left_out = tuple(
        (LEFT_OUT.get(code, OTHER), count) for code, count in sorted((outcome.get("left_out") or {}).items())
    )
    return FeedView(
        may_open, True, address, feed.made_at, feed.downloaded_at, outcome.get("offers"), left_out
    )
