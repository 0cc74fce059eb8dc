"""The price list and its pictures, for whoever has the secret of its address."""

from collections.abc import Iterator
from functools import lru_cache, partial
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, abort, current_app, g, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Engine, select, update

from app.accounts.models import User
from app.connections.may_publish import may_publish
from app.data.db import db
from app.data.types import fits_id, fits_text, now
from app.mirror.big_shops import long_way_in_turn
from app.mirror.models import CachedStore
from app.publishing.feed.address import FoundFeed, find_feed
from app.publishing.feed.document import Heading, Outcome, PriceList, gzipped
from app.publishing.feed.models import Feed
from app.publishing.feed.offers import key_of_card, why_left_out
from app.publishing.feed.version import Version, state_of_card, version_of
from app.publishing.goods import good_of
from app.publishing.joined import joins_of
from app.publishing.photos.card_picture import draw_card
from app.publishing.photos.keeping import files_of
from app.publishing.photos.models import Photo
from app.publishing.photos.picture_files import PictureLost
from app.publishing.planning.card import Card
from app.publishing.planning.desired import Shop
from app.publishing.planning.good import Key
from app.publishing.settings.read import group_tree_above, group_tree_of, settings_of
from app.web.conditional import conditional
from app.web.downloads import bounded_download
from app.web.extensions import limiter
from app.web.security import visitor_network

feeds = Blueprint("feeds", __name__, url_prefix="/feeds")

TYPE = "application/xml"
# Nobody guesses a secret of 256 bits. A robot that has one owner's old address asks from the same network
# for what others have given it: whoever knows a secret is counted by that alone.
WRONG_ONES = "60 per hour"
LISTS = "120 per hour"
PICTURES = "3000 per minute"
# Each takes some 30 ms of a processor, which a robot that wants all of them shall leave to others as well.
DRAWN = "600 per minute"
# Of some 30 KB.
_CARDS_KEPT = 256
_OF_PICTURES = "public, max-age=86400"


def _is_wrong(_response: Response) -> bool:
    return bool(g.get("is_wrong_secret"))


def _is_right() -> bool:
    return _asked() is not None


def _is_drawn(_response: Response) -> bool:
    return bool(g.get("is_drawn"))


def _by_secret() -> str:
    feed = _asked()
    return f"feed {feed.digest}" if feed else f"no feed {visitor_network()}"


limit_wrong_ones = limiter.limit(
    WRONG_ONES, key_func=visitor_network, deduct_when=_is_wrong, exempt_when=_is_right
)


@feeds.after_request
def keep_secret(response: Response) -> Response:
    """Let the address go nowhere, and into no search engine."""
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    # Other shops show the pictures on their own pages.
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@feeds.get("/<secret>.yml")
@limit_wrong_ones
@limiter.limit(LISTS, key_func=_by_secret)
def price_list(secret: str) -> ResponseReturnValue:
    feed = _found()
    version = version_of(feed)
    response = Response(mimetype=TYPE)
    # Without a body yet its length would be told as nought, and a server keeps to what is told.
    response.automatically_set_content_length = False
    response.headers["Cache-Control"] = "private, no-cache"
    response.vary.add("Accept-Encoding")
    response.set_etag(version.state, weak=True)
    response.last_modified = version.since
    conditional(response)
    if response.status_code != 200 or request.method == "HEAD":
        return response
    return bounded_download(("feed", feed.user_id), partial(_with_list, response, feed, version, secret))


@feeds.get("/<secret>/photos/<digest>.jpg")
@limit_wrong_ones
@limiter.limit(PICTURES, key_func=_by_secret)
def photo(secret: str, digest: str) -> ResponseReturnValue:
    feed = _found()
    is_kept = select(Photo.id).filter_by(user_id=feed.user_id, digest=digest)
    if not fits_text(digest, 64) or db.session.scalar(is_kept) is None:
        abort(404)
    response = _picture(digest)
    if response.status_code != 304:
        try:
            response.data = files_of(feed.user_id).read(digest)
        except PictureLost:
            abort(404)
    return response


@feeds.get("/<secret>/cards/<name>.jpg")
@limit_wrong_ones
@limiter.limit(PICTURES, key_func=_by_secret)
@limiter.limit(lambda: DRAWN, key_func=_by_secret, deduct_when=_is_drawn)
def card(secret: str, name: str) -> ResponseReturnValue:
    """The card that stands in for a photo of a good."""
    feed = _found()
    key = key_of_card(name)
    if key is None or not all(fits_id(part) for part in key):
        abort(404)
    state, seen = state_of_card(feed.user_id, key), request.if_none_match.as_set(include_weak=True)
    if found := next((tag for tag in seen if tag.endswith(f".{state}")), None):
        # Nothing that it is made of has changed: that is known without the good.
        return _picture(found)
    with long_way_in_turn(feed.user_id, [key]):
        drawn = _card_of(feed.user_id, key)
    if drawn is None:
        abort(404)
    # The same picture is not sent again, whatever else has changed.
    known = (tag for tag in seen if tag.partition(".")[0] == drawn.mark)
    response = _picture(next(known, f"{drawn.mark}.{state}"))
    if request.method == "HEAD":
        # Not drawn for that; a length of nought would say that there is no picture.
        response.automatically_set_content_length = False
    elif response.status_code != 304:
        response.data = _drawn(drawn)
    return response


def _card_of(user_id: int, key: Key) -> Card | None:
    good = good_of(user_id, *key)
    if good is None:
        return None
    shop = Shop(settings_of(user_id), group_tree_above(user_id, [key]))
    wanted = next(shop.desired([good]), None)
    return None if wanted is None or why_left_out(wanted) is not None else wanted.card


@lru_cache(maxsize=_CARDS_KEPT)
def _drawn(card: Card) -> bytes:
    # Counted by whoever had to wait for it alone.
    g.is_drawn = True
    return draw_card(card).data


def _asked() -> FoundFeed | None:
    """What the secret of this request opens; looked up once."""
    if "feed" not in g:
        g.feed = find_feed((request.view_args or {})["secret"])
    found: FoundFeed | None = g.feed
    return found


def _found() -> FoundFeed:
    feed = _asked()
    if feed is None:
        g.is_wrong_secret = True
        abort(404)
    return feed


def _with_list(response: Response, feed: FoundFeed, version: Version, secret: str) -> Response:
    beginning = f"{current_app.extensions['settings'].public_url.rstrip('/')}/feeds/{secret}"
    shop = Shop(settings_of(feed.user_id), group_tree_of(feed.user_id))
    joins = joins_of(feed.user_id, shop.settings)
    price_list = PriceList(feed.user_id, shop, joins, _heading(feed.user_id, version), beginning)
    pieces: Iterator[bytes] = price_list.write(db.engine, partial(_note, db.engine, feed.digest))
    if request.accept_encodings.quality("gzip"):
        response.headers["Content-Encoding"] = "gzip"
        pieces = gzipped(pieces)
    response.response = pieces
    return response


def _heading(user_id: int, version: Version) -> Heading:
    community = may_publish(user_id).community
    if community is not None:
        name, url = community.name, f"https://vk.com/club{community.id}"
    else:
        store = select(CachedStore.name).filter_by(user_id=user_id).order_by(CachedStore.id).limit(1)
        name, url = db.session.scalar(store) or "Витрина", current_app.extensions["settings"].public_url
    zone = ZoneInfo(db.session.scalar(select(User.timezone).filter_by(id=user_id)) or "UTC")
    return Heading(name, url, version.since.astimezone(zone))


def _note(engine: Engine, digest: str, outcome: Outcome) -> None:
    """Remember what a whole download held, as long as the address is still the one."""
    with engine.begin() as connection:
        noted = update(Feed).filter_by(digest=digest)
        connection.execute(noted.values(downloaded_at=now(), outcome=outcome._asdict()))


def _picture(mark: str) -> Response:
    response = Response(mimetype="image/jpeg")
    # It has no content yet, whose length would be told as nought.
    response.automatically_set_content_length = False
    response.headers["Cache-Control"] = _OF_PICTURES
    response.set_etag(mark)
    conditional(response)
    response.automatically_set_content_length = True
    return response
