"""What is in VK: our listings with their goods, and those of others."""

from typing import NamedTuple

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user, login_required
from sqlalchemy import select

from app.connections.may_publish import may_publish
from app.data.db import db
from app.mirror.models import CachedProduct
from app.publishing.current import usable_plan
from app.publishing.ledger.albums import market_albums
from app.publishing.ledger.models import Listing, ListingGood
from app.publishing.ledger.states import (
    IS_REFUSED,
    IS_TO_BE_ADDED,
    TO_BE_ADDED,
    counts_of_states,
    shown_state,
)
from app.publishing.pages.pairs_view import GOODS_SHOWN, WHY, pairs_view
from app.publishing.pages.questions_view import questions_view
from app.publishing.pages.reading_view import active_reading, doubt_view
from app.publishing.pages.shelves_view import shelves_view
from app.publishing.planning.existing import FAILED, GONE, HIDDEN, LIVE, SENDING
from app.publishing.planning.reasons import DOUBLE
from app.publishing.planning.settings import NOT_MERGED
from app.publishing.run.reading import last_seen_at
from app.publishing.settings.read import settings_of
from app.web.cursor import BadCursor, Cursor
from app.web.error_pages import bad_request
from app.words import gettext_noop

listings = Blueprint("listings", __name__, url_prefix="/listings")

PAGE = 50
_STALE_PAGE = gettext_noop("Ссылка на страницу устарела. Откройте список с начала.")
STATES = {
    LIVE: gettext_noop("В магазине"),
    HIDDEN: gettext_noop("Скрыты"),
    FAILED: gettext_noop("Не получилось"),
    TO_BE_ADDED: gettext_noop("Ждут"),
    SENDING: gettext_noop("Отправляются"),
    GONE: gettext_noop("Удалены во ВКонтакте"),
}
_IN_STATE = {FAILED: IS_REFUSED, TO_BE_ADDED: IS_TO_BE_ADDED}


class ListingView(NamedTuple):
    """A listing with the good that stands behind it; `number` is its key while the till has it.

    `state` is the one that is shown.
    """

    listing: Listing
    state: str
    name: str
    store_id: str | None
    product_id: str | None
    number: int | None

    @property
    def problem(self) -> str | None:
        """What is wrong with it, a sentence; behind a second one of a good stands none."""
        return DOUBLE.sentence if self.store_id is None else self.listing.problem


@listings.get("")
@login_required
def show() -> ResponseReturnValue:
    community, problem = may_publish(current_user.id)
    community_id = community.id if community else 0
    state = request.args.get("state") or None
    if state is not None and state not in STATES:
        return bad_request(gettext(_STALE_PAGE))
    only_problems = request.args.get("problem") == "yes"
    pairs_after = request.args.get("pairs") or None
    is_first = state is None and not only_problems and not request.args.get("after")
    try:
        rows, after = _page(community_id, state, only_problems, request.args.get("after") or None)
        pairs = pairs_view(current_user.id, community_id, after=pairs_after) if is_first else None
    except BadCursor:
        return bad_request(gettext(_STALE_PAGE))
    is_first = is_first and pairs_after is None
    counts = counts_of_states(current_user.id, community_id)
    # Of a shop in which nothing is ours there is nothing to ask, and its plan takes its time.
    may_ask = is_first and (counts or settings_of(current_user.id).merge_by != NOT_MERGED)
    plan = usable_plan(current_user.id, community_id) if may_ask and community else None
    return render_template(
        "publishing/listings.html",
        community=community,
        problem=problem,
        rows=rows,
        after=after,
        state=state,
        only_problems=only_problems,
        states=STATES,
        counts=counts,
        questions=questions_view(plan, community_id) if is_first else None,
        shelves=shelves_view(plan) if is_first else None,
        pairs=pairs,
        only_pairs=pairs_after is not None,
        albums=market_albums(current_user.id, community_id) if is_first else [],
        said=None,
        why=WHY,
        goods_shown=GOODS_SHOWN,
        doubt=doubt_view(current_user.id, community_id),
        read_at=last_seen_at(current_user.id, community_id),
        reading=active_reading(current_user.id),
    )


def _page(
    community_id: int, state: str | None, only_problems: bool, after: str | None
) -> tuple[list[ListingView], str | None]:
    statement = (
        select(Listing, ListingGood.store_evotor_id, ListingGood.evotor_id, CachedProduct.id)
        .outerjoin(ListingGood, (ListingGood.listing_id == Listing.id) & (ListingGood.place == 0))
        .outerjoin(
            CachedProduct,
            (CachedProduct.user_id == Listing.user_id)
            & (CachedProduct.store_evotor_id == ListingGood.store_evotor_id)
            & (CachedProduct.evotor_id == ListingGood.evotor_id),
        )
        .where(Listing.user_id == current_user.id, Listing.community_id == community_id)
        .order_by(Listing.id.desc())
        .limit(PAGE + 1)
    )
    if state is not None:
        statement = statement.where(_IN_STATE.get(state, Listing.state == state))
    if only_problems:
        statement = statement.where(Listing.problem.is_not(None))
    if after is not None:
        statement = statement.where(Listing.id < Cursor.decode(after).id)
    found = db.session.execute(statement).all()
    views = [
        ListingView(
            row,
            shown_state(row.state, row.problem),
            row.seen.get("name") or row.sent.get("name") or row.sku,
            store_id,
            product_id,
            number,
        )
        for row, store_id, product_id, number in found[:PAGE]
    ]
    more = len(found) > PAGE
    return views, Cursor("", views[-1].listing.id, 0).encode() if more else None
