"""What keeps goods of a list out of VK: the plan's own reasons, found from what the list reads anyway."""

from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import ColumnElement, Integer, String, cast, func, literal

from app.catalog.lists.short_texts import short_texts_of_page
from app.publishing.joined import forbidden_elsewhere_here
from app.publishing.photos.first import FirstPhotos
from app.publishing.planning.choosing import Chooser, GroupChoice, GroupTree
from app.publishing.planning.forbidden import is_forbidden
from app.publishing.planning.good import Good, Key
from app.publishing.planning.judging import what_lacks, why_hidden
from app.publishing.planning.settings import NOT_MERGED, Settings
from app.publishing.settings.models import GroupSettings, PublicationSettings
from app.web.language import catalogue, language
from app.words import pgettext_noop

if TYPE_CHECKING:
    from app.catalog.lists.shelf import Good as ListGood

# A cell has room for a few words; the good's page and the plan say it in a sentence.
SHORT = {
    "no_price": pgettext_noop("cell", "нет цены"),
    "below_floor": pgettext_noop("cell", "дешевле границы"),
    "service": pgettext_noop("cell", "услуга"),
    "sold_out": pgettext_noop("cell", "нет в наличии"),
    "not_on_sale": pgettext_noop("cell", "снят с продажи"),
    "forbidden": pgettext_noop("cell", "ВКонтакте запрещает"),
    "untold": pgettext_noop("cell", "не указан тип"),
    "no_category": pgettext_noop("cell", "нет категории"),
    "lost_category": pgettext_noop("cell", "категории больше нет"),
    "lost_group_category": pgettext_noop("cell", "категории больше нет"),
    "no_photo": pgettext_noop("cell", "нет фото"),
    "short_name": pgettext_noop("cell", "короткое название"),
    "short_description": pgettext_noop("cell", "короткое описание"),
}
_BETWEEN = "|"


def _as_text(*columns: Any) -> ColumnElement[str]:
    """The columns in one text, so that they fit into a union with others; none but the last has a `|`."""
    text: Any = literal("")
    for column in columns:
        text = text + func.coalesce(cast(column, String), "") + _BETWEEN
    return text


_settings = PublicationSettings
SETTINGS_AS_TEXT = _as_text(
    *(_settings.services, _settings.not_on_sale, _settings.out_of_stock, _settings.merge_by),
    *(_settings.rounding, _settings.reserve, _settings.price_floor, _settings.markup_percent),
    cast(_settings.per_100g, Integer),
    *(_settings.photo_fallback, _settings.default_category_id),
    # Either may hold anything: where one ends and the other begins is told before.
    *(func.length(_settings.name_template), _settings.name_template + _settings.description_template),
)
# Before the templates.
_FIELDS = 12
CHOICE_AS_TEXT = _as_text(
    *(GroupSettings.markup_percent, GroupSettings.out_of_stock, cast(GroupSettings.per_100g, Integer)),
    GroupSettings.category_id,
)
# Stands for whichever photos a good has.
_SOME_PHOTO = ("",)


class KeptOut(NamedTuple):
    """In short why a good is not in VK; `hides`: nor would it stay there."""

    word: str
    hides: bool


class Readiness(NamedTuple):
    """What decides whether goods of a store can be in VK. `choices` are for groups and for those above them.

    `photos` tells which goods have any; `lost_categories` are those that VK knows no more. `has_community`:
    there is somewhere to send goods, so that what is not chosen yet keeps them out.
    """

    settings: str | None
    choices: Iterable[tuple[Key, str]]
    parents: Mapping[Key, str | None]
    photos: FirstPhotos = FirstPhotos({}, {}, {})
    lost_categories: tuple[int, ...] = ()
    has_community: bool = False

    def judge(self, user_id: int, store_id: str, goods: Collection["ListGood"]) -> dict[str, KeptOut]:
        """Say in short what keeps goods out, by their ids; nothing of those that the plan judges by more.

        Where goods of several stores are one, another store's may stand for this one: nothing is said but
        what VK forbids in any of them. One statement where a text of theirs may be too short.
        """
        settings = read_settings(self.settings, self.lost_categories)
        say = partial(catalogue(language()).upgettext, "cell")
        if settings.merge_by != NOT_MERGED:
            elsewhere = forbidden_elsewhere_here(user_id, settings)
            kept_out = KeptOut(say(SHORT["forbidden"]), hides=True)
            return {
                good.evotor_id: kept_out
                for good in goods
                if is_forbidden(good.product_type) or (good.store_evotor_id, good.evotor_id) in elsewhere
            }
        tree = GroupTree({key: read_choice(text) for key, text in self.choices}, self.parents)
        chooser = Chooser(settings, tree)
        # Categories are VK's: before there is a community, nobody can choose one.
        lacks = self.settings is not None or self.has_community
        short = short_texts_of_page(user_id, settings, tree, goods) if lacks else {}
        found = {}
        for good in goods:
            choice = chooser.choice(store_id, good.group_evotor_id)
            planned = self._as_planned(good)
            reason = why_hidden(planned, choice, settings)
            if reason is None and lacks:
                reason = what_lacks(planned, choice, settings) or short.get(good.id)
            if reason is not None and reason.code in SHORT:
                found[good.evotor_id] = KeptOut(say(SHORT[reason.code]), reason.hides)
        return found

    def _as_planned(self, good: "ListGood") -> Good:
        photo = self.photos.of(good.store_evotor_id, good.evotor_id, good.group_evotor_id)
        return Good(
            good.store_evotor_id,
            good.evotor_id,
            good.name,
            type=good.product_type,
            price=good.price,
            quantity=good.quantity,
            unit=good.measure_name,
            allow_to_sell=good.allow_to_sell,
            photos=() if photo is None else _SOME_PHOTO,
        )


def read_settings(text: str | None, lost_categories: tuple[int, ...] = ()) -> Settings:
    """What `SETTINGS_AS_TEXT` says, the defaults where nothing has been chosen."""
    if text is None:
        return Settings(lost_categories=lost_categories)
    *fields, templates = text.split(_BETWEEN, _FIELDS)
    services, not_on_sale, out_of_stock, merge_by, rounding, *more = fields
    *numbers, per_100g, photo_fallback, category_id, name_length = more
    end_of_name = int(name_length)
    reserve, price_floor, markup_percent = map(Decimal, numbers)
    return Settings(
        services=services,
        not_on_sale=not_on_sale,
        out_of_stock=out_of_stock,
        merge_by=merge_by,
        rounding=rounding,
        reserve=reserve,
        price_floor=price_floor,
        markup_percent=markup_percent,
        per_100g=per_100g == "1",
        photo_fallback=photo_fallback,
        default_category_id=int(category_id) if category_id else None,
        name_template=templates[:end_of_name],
        description_template=templates[end_of_name : -len(_BETWEEN)],
        lost_categories=lost_categories,
    )


def read_choice(text: str) -> GroupChoice:
    """What `CHOICE_AS_TEXT` says."""
    markup, out_of_stock, per_100g, category_id, _ = text.split(_BETWEEN)
    return GroupChoice(
        category_id=int(category_id) if category_id else None,
        markup_percent=Decimal(markup) if markup else None,
        out_of_stock=out_of_stock or None,
        per_100g=per_100g == "1" if per_100g else None,
    )
