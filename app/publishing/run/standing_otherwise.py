"""Which deleted listings have another in their place by now: brought back, the good would be there twice."""

from collections.abc import Collection

from app.publishing.current import foreign_now
from app.publishing.goods import goods_of
from app.publishing.ledger.entries import listed_of, read_whole
from app.publishing.planning.existing import AVAILABLE, LIVE, Entry
from app.publishing.planning.good import Good, Key
from app.publishing.planning.twins import twins_of_shelves
from app.publishing.settings.read import settings_of


def standing_otherwise(user_id: int, community_id: int, listing_ids: Collection[int]) -> set[int]:
    """Those of some deleted listings whose good is in the shop by another listing, for all that is known.

    It is another of the owner's, with which the good was joined since, or one that is not theirs and would
    keep the good from being added, too: another account's, or one that was made by hand.
    """
    listed = listed_of(user_id, community_id)
    deleted = read_whole(user_id, community_id, [each for each in listed if each.listing_id in listing_ids])
    shown = {key for each in listed if each.state == LIVE for key in each.goods}
    joined = {
        each.listing_id
        for each in deleted
        # What comes back hidden is seen by nobody: the plan finds out what becomes of it.
        if each.now(AVAILABLE, True) and not shown.isdisjoint(each.goods[:1])
    }
    return joined | _with_twins(user_id, community_id, deleted)


def _with_twins(user_id: int, community_id: int, deleted: list[Entry]) -> set[int]:
    foreign = foreign_now(user_id, community_id)
    if not deleted or not foreign:
        return set()
    wanted = {key for each in deleted for key in each.goods}
    goods = {good.key: good for good in goods_of(user_id, community_id) if good.key in wanted}
    shelves = {each.listing_id: _shelf(each, goods) for each in deleted}
    had = [(shelves[each.listing_id][0].key, each.sku) for each in deleted]
    twins = twins_of_shelves(shelves.values(), had, foreign, settings_of(user_id))
    return {listing_id for listing_id, shelf in shelves.items() if shelf[0].key in twins}


def _shelf(entry: Entry, goods: dict[Key, Good]) -> list[Good]:
    """The goods behind a listing, or what is known of one that the till has no more."""
    known = [goods[key]._replace(is_published=True) for key in entry.goods if key in goods]
    store_id, good_id = next(iter(entry.goods), ("", entry.sku))
    return known or [Good(store_id, good_id, entry.name)]
