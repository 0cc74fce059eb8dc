"""A good in VK: its listing, what keeps it out, and how its card would look."""

from collections.abc import Sequence
from typing import NamedTuple

from flask_babel import gettext
from sqlalchemy import select

from app.connections.may_publish import ChosenCommunity, may_publish
from app.connections.problems import Problem
from app.data.db import db
from app.publishing.goods import good_of
from app.publishing.joined import forbidden_elsewhere_here
from app.publishing.ledger.links import address_in_vk
from app.publishing.ledger.models import ForeignListing, Listing, ListingGood
from app.publishing.ledger.of_good import listings_of
from app.publishing.pages.plan_view import sources_of
from app.publishing.pages.ways_on import WayOn, way_on
from app.publishing.pages.words import said_of
from app.publishing.planning import reasons, texts
from app.publishing.planning.comparing import field_owners, mistold_by
from app.publishing.planning.desired import Desired, Shop
from app.publishing.planning.existing import GONE, LIVE, NAME, has_shown
from app.publishing.planning.good import Good
from app.publishing.planning.joins import Joins
from app.publishing.planning.merging import in_order, marks_of
from app.publishing.planning.pairing import codes_of
from app.publishing.planning.reasons import Reason, Remedy
from app.publishing.planning.settings import NOT_MERGED, VK, Settings
from app.publishing.planning.templates import TemplateError
from app.publishing.seen_good import mark_of_seen
from app.publishing.settings.categories import category_of
from app.publishing.settings.read import group_tree_above, settings_of
from app.publishing.settings.same_goods import answered
from app.web.language import translated


class InVk(NamedTuple):
    """A good and VK: `problem` keeps the whole shop from being published, `reason` this good.

    `way_on` leads to where the reason is mended, None where only the till or time does it. `category` is the
    path of its category, None without one that is known by name. `same`: whether it is one with the same of
    other stores, None until the owner has said anything of that. `want` is how it would be sent, None when a
    template of the settings is unusable: see `error`. `sources` names the stores of a good that several have
    as one. `seen` marks what is shown.
    """

    community: ChosenCommunity | None
    problem: Problem | None
    listing: Listing | None
    is_published: bool
    reason: Reason | None
    way_on: WayOn | None
    want: Desired | None
    category: str | None
    error: str | None
    same: bool | None
    sources: str | None
    seen: str | None

    @property
    def is_live(self) -> bool:
        return self.listing is not None and self.listing.state == LIVE

    @property
    def why(self) -> str | None:
        """The reason in words."""
        return said_of(self.reason) if self.reason else None

    @property
    def url(self) -> str | None:
        """Where the listing is to be seen."""
        listing = self.listing
        if listing is None or listing.item_id is None or listing.state == GONE:
            return None
        return address_in_vk(listing.community_id, listing.item_id)

    @property
    def old_price(self) -> str | None:
        """What buyers would see crossed out."""
        price = self.want.old_price_text if self.want else None
        listing = self.listing if self.url else None
        return price if price and listing and has_shown(price, listing.sent, listing.seen) else None

    @property
    def may_send(self) -> bool:
        """Whether this good can be sent by itself."""
        ready = self.community is not None and self.problem is None and self.is_published
        is_asked = self.reason is reasons.SAME_SKU
        return ready and not is_asked and self.want is not None and self.want.obstacle is None

    @property
    def is_category_lost(self) -> bool:
        """Whether VK knows the chosen category no more."""
        return self.want is not None and self.want.category_id != self.want.choice.category_id

    @property
    def name_weight(self) -> int:
        """How much of VK's measure the name takes."""
        return texts.weight(self.want.name) if self.want else 0

    @property
    def description_weight(self) -> int:
        return texts.weight(self.want.description) if self.want else 0


def in_vk(user_id: int, store_id: str, product_id: str) -> tuple[InVk, list[Listing]]:
    """Describe a good of the owner's in VK; give also all listings behind which it stands."""
    community, problem = may_publish(user_id)
    listings = listings_of(user_id, community.id, store_id, product_id) if community else []
    listing = listings[0] if listings else None
    good = good_of(user_id, store_id, product_id)
    settings = settings_of(user_id)
    listed = _joined(user_id, good, listing, settings) if good else []
    same = _same(user_id, good, listed, settings) if good else None
    others = listed if same else []
    want, seen, error = _wanted(user_id, good, others, settings) if good else (None, None, None)
    is_published = good is not None and good.is_published
    reason = _reason(is_published, listing, want, settings)
    if reason is None and listing is None and community and good and _may_be_there(user_id, community, good):
        reason = reasons.SAME_SKU
    category = _category(community, want)
    return InVk(
        community,
        problem,
        listing,
        is_published,
        reason,
        _way_on(reason),
        want,
        category,
        error,
        same,
        sources_of(want, settings) if want and others else None,
        seen,
    ), listings


def _same(user_id: int, good: Good, listed: Sequence[Good], settings: Settings) -> bool | None:
    """Whether the good is one with others, those `listed` with it or those that it was asked about with."""
    if settings.merge_by == NOT_MERGED:
        return None
    others = [each.key for each in listed]
    said = answered(user_id, settings.merge_by, marks_of(good, settings), good.key, others)
    return True if said is None and listed else said


def _joined(user_id: int, good: Good, listing: Listing | None, settings: Settings) -> list[Good]:
    """The goods of other stores that stand behind the same listing."""
    if listing is None or settings.merge_by == NOT_MERGED:
        return []
    keys = select(ListingGood.store_evotor_id, ListingGood.evotor_id).filter_by(listing_id=listing.id)
    rows = db.session.execute(keys).all()
    found = [
        good_of(user_id, store_id, product_id)
        for store_id, product_id in rows
        if (store_id, product_id) != good.key
    ]
    return [each for each in found if each is not None]


def _wanted(
    user_id: int, good: Good, others: Sequence[Good], settings: Settings
) -> tuple[Desired | None, str | None, str | None]:
    """How the good would be sent if it was published, whether or not it is, together with `others`.

    Gives also the mark of what is seen of it, or else why a template is unusable.
    """
    goods = [good._replace(is_published=True), *(each for each in others if each.is_published)]
    try:
        shop = Shop(settings, group_tree_above(user_id, [each.key for each in goods]))
    except TemplateError as error:
        return None, None, translated(error.sentence)
    known = Joins(forbidden=forbidden_elsewhere_here(user_id, settings)).as_known(goods)
    (want,) = shop.listings([in_order(known, settings)])
    return want, mark_of_seen(shop, good), None


def _reason(
    is_published: bool, listing: Listing | None, want: Desired | None, settings: Settings
) -> Reason | None:
    """The first thing to be said about why the good is not in VK as the till has it."""
    if not is_published:
        return reasons.EXCLUDED
    if listing is not None and listing.state == GONE:
        return reasons.DELETED_IN_VK
    if want is not None and want.obstacle is not None:
        return want.obstacle
    if listing is None:
        return None
    if listing.problem:
        return reasons.refused(listing.problem)
    owners = field_owners(settings) | listing.owners
    is_kept = want is not None and listing.item_id is not None and owners[NAME] == VK
    return mistold_by(listing.seen.get(NAME, listing.sent.get(NAME)), want) if is_kept and want else None


def _may_be_there(user_id: int, community: ChosenCommunity, good: Good) -> bool:
    """Whether the community has a good of somebody else's by a mark of this one; the plan asks about it."""
    bearer = select(ForeignListing.item_id).filter_by(
        user_id=user_id, community_id=community.id, is_other=False
    )
    return bool(
        db.session.scalar(select(bearer.where(ForeignListing.sku.in_(list(codes_of(good)))).exists()))
    )


def _way_on(reason: Reason | None) -> WayOn | None:
    if reason is None:
        return None
    # What can be mended on this very page comes first.
    if reason.remedy is Remedy.PHOTOS:
        return WayOn(gettext("Добавить фото"), "#photos")
    return WayOn(gettext("Изменить правило"), "#rules") if reason.remedy is Remedy.RULES else way_on(reason)


def _category(community: ChosenCommunity | None, want: Desired | None) -> str | None:
    if community is None or want is None or want.category_id is None:
        return None
    return category_of(community.id, want.category_id)
