"""How the plan is made: each wanted listing finds its entry in the ledger, or is new."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from app.publishing.planning.album_places import Places
from app.publishing.planning.albums import AlbumEntry
from app.publishing.planning.alike import kept_from_sale, may_be_one
from app.publishing.planning.arrangement import Arrangement
from app.publishing.planning.beside import beside_forbidden
from app.publishing.planning.choosing import GroupTree
from app.publishing.planning.claims import behind_now, claimed_by
from app.publishing.planning.desired import Shop
from app.publishing.planning.existing import SENDING, Entry, ForeignItem, Listed
from app.publishing.planning.good import Good, with_light_texts
from app.publishing.planning.guard import holds
from app.publishing.planning.itemizing import Itemizer
from app.publishing.planning.joins import Joins
from app.publishing.planning.merging import merged
from app.publishing.planning.plan import CREATE, FOREIGN, AlbumsPlan, Plan, make_items
from app.publishing.planning.quotas import Limits, waiting
from app.publishing.planning.settings import Settings
from app.publishing.planning.settled import Unchanged
from app.publishing.planning.sku import SkuBook
from app.publishing.planning.twins import foreign_items
from app.publishing.planning.unwanted import unwanted


@dataclass(frozen=True)
class Existing:
    """What is in the community: the ledger, what it lacked at the last reading, and albums of both kinds.

    `read` turns those of the `entries` that have to be looked at into whole ones; None: they are whole.
    `taken` are skus that other accounts keep.
    """

    entries: Iterable[Entry | Listed] = ()
    foreign: Iterable[ForeignItem] = ()
    albums: Iterable[AlbumEntry] = ()
    read: Callable[[list[Listed]], list[Entry]] | None = None
    taken: Collection[str] = ()

    def whole(self, entries: list[Entry | Listed]) -> list[Entry]:
        """Some of the entries with all their fields, in the same order."""
        unread = [entry for entry in entries if isinstance(entry, Listed)]
        if self.read is not None and unread:
            return self.read(unread)
        return [entry for entry in entries if isinstance(entry, Entry)]

    def others_than(self, entries: Iterable[Entry]) -> list[ForeignItem]:
        """What is not ours: what was being added when a run broke is, whatever a reading took it for."""
        sending = {entry.sku for entry in entries if entry.state == SENDING and entry.item_id is None}
        return [item for item in self.foreign if item.sku is None or item.sku not in sending]


def make_plan(
    goods: Iterable[Good],
    existing: Existing,
    settings: Settings,
    groups: GroupTree | None = None,
    limits: Limits | None = None,
    joins: Joins | None = None,
    *,
    is_first: bool = False,
    community_id: int = 0,
) -> Plan:
    """Make the plan for the owner's goods, in the owner's order.

    `goods` are all that the rules publish, and those behind entries even if they are not published: of one
    that is missing it is said that the till has it no more. Where goods of stores are joined, cards that VK
    forbids are among them, too. `joins`: which of the goods that are alike are
    one, None: all. `is_first`: no run of the community `community_id` was confirmed yet. Raises TemplateError
    when a template of the settings cannot be used.
    """
    listed, albums = list(existing.entries), list(existing.albums)
    shop = Shop(settings, groups)
    unchanged = Unchanged(shop, () if albums or not shop.keeps_goods_apart else listed)
    goods = list(with_light_texts(unchanged.others(goods)))
    entries = existing.whole([each for each in listed if each.listing_id not in unchanged.listing_ids])
    foreign = existing.others_than(entries)
    published = (good for good in goods if good.is_published)
    shelves, alike = merged(joins.as_known(published) if joins else published, settings, joins)
    if joins:
        held = (good for good in goods if good.is_published)
        beside = beside_forbidden(goods, alike, settings, joins)
        alike = [*kept_from_sale(held, joins.forbidden, alike), *alike, *beside]
    wanted = list(shop.listings(shelves))
    pairs, unclaimed = claimed_by(wanted, entries)
    limits = limits or Limits()
    arrangement = Arrangement(pairs, entries, albums, settings, limits.in_albums)
    places = Places(arrangement, settings.own_albums)
    others = (item.sku for item in foreign if item.sku and item.is_other)
    taken = [*(each.sku for each in listed), *others, *existing.taken]
    skus = SkuBook((want.good for want in wanted), taken, unchanged.marks)
    itemizer = Itemizer(settings, skus, foreign, may_be_one(alike), places)
    items = make_items(itemizer.items(pairs))
    for item in unwanted(unclaimed, goods, wanted) if unclaimed else ():
        items[item.kind].append(item)
    items[FOREIGN] = foreign_items(foreign, listed)
    in_vk = sum(entry.is_in_vk for entry in listed) + len(foreign)
    return Plan(
        settings,
        items,
        waiting(items[CREATE], in_vk, limits, settings.new_first),
        holds(items, entries, settings, is_first=is_first, unchanged=len(unchanged.listing_ids)),
        in_vk,
        tuple(alike),
        AlbumsPlan(tuple(places.changes()), arrangement.in_vk) if places.is_used else None,
        itemizer.settled,
        community_id,
        behind_now(pairs),
    )
