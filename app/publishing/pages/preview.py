"""How real goods would look in VK with settings that are not saved yet."""

from dataclasses import replace
from typing import Any, NamedTuple

from flask import current_app, url_for

from app.connections.may_publish import may_publish
from app.mirror.big_shops import long_way_in_turn, many_groups_in_turn, turn_once_big
from app.publishing.goods import first_goods_of, good_of
from app.publishing.ledger.of_good import shown_at
from app.publishing.photos.card_picture import draw_card
from app.publishing.photos.picture_files import PictureFiles, PictureLost
from app.publishing.planning.desired import Desired, Shop
from app.publishing.planning.good import Key
from app.publishing.planning.settings import CARD, Settings
from app.publishing.settings.read import group_tree_above, settings_of
from app.rules.hoards import own_words_in_turn

SHOWN = 3
PRICES_SHOWN = 8
# Among so many goods those that can be published are looked for.
_LOOKED_AT = 300


class Preview(NamedTuple):
    """A good as VK would show it; `old_price` is crossed out, `picture` is an address, None without one."""

    want: Desired
    old_price: str | None
    picture: str | None = None


class Previews(NamedTuple):
    """Goods as VK would show them, and goods whose prices are compared with the till's."""

    cards: list[Preview]
    prices: list[Preview]


def previews(user_id: int, settings: Settings) -> Previews:
    """Show three goods, those that can be published first, and prices, those that differ first.

    Raises TemplateError; 429 when a shop has very many groups, or these goods long texts, and others are in
    front.
    """
    community = may_publish(user_id).community
    community_id, former_days = community.id if community else 0, settings.old_price_days
    with many_groups_in_turn(user_id), own_words_in_turn(user_id), turn_once_big(user_id) as take_turn:
        goods = first_goods_of(user_id, community_id, _LOOKED_AT, former_days=former_days, on_many=take_turn)
        shop = Shop(settings, group_tree_above(user_id, [good.key for good in goods]))
        wanted = sorted(shop.desired(goods), key=lambda want: not want.available)
        former = {want.key: price for want in wanted if (price := want.old_price_text) is not None}
        shown = shown_at(user_id, community_id, former)
    previewed = [Preview(want, former[want.key] if want.key in shown else None) for want in wanted]
    cards = [each._replace(picture=_address(each.want, settings)) for each in previewed[:SHOWN]]
    priced = [each for each in previewed if each.want.good.price]
    priced.sort(key=_how_telling)
    return Previews(cards, priced[:PRICES_SHOWN])


def _how_telling(price: Preview) -> tuple[bool, bool, bool]:
    return price.old_price is None, price.want.asked.portion is None, price.want.is_priced_as_in_till


def picture_of(user_id: int, key: Key, chosen: dict[str, Any]) -> bytes | None:
    """The JPEG that VK would get first for a good with `chosen` settings; None where there is none."""
    with long_way_in_turn(user_id, [key]):
        good = good_of(user_id, *key)
        if good is None:
            return None
        groups = group_tree_above(user_id, [key])
    settings = replace(settings_of(user_id), **chosen)
    want = next(Shop(settings, groups).desired([good._replace(is_published=True)]))
    if want.card is not None:
        return draw_card(want.card).data
    try:
        files = PictureFiles(current_app.extensions["settings"].media_dir, user_id)
        return files.read(want.photos[0]) if want.photos else None
    except PictureLost:
        return None


def _address(want: Desired, settings: Settings) -> str | None:
    if not want.photos:
        return None
    store_id, product_id = want.key
    colour = settings.card_colour if settings.photo_fallback == CARD else None
    return url_for("sync.settings.picture", store_id=store_id, product_id=product_id, card_colour=colour)
