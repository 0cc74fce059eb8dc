"""When a plan must not go by itself: the owner is shown what is unusual about it first."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from app.publishing.planning import prices
from app.publishing.planning.existing import PRICE, Entry
from app.publishing.planning.good import Key
from app.publishing.planning.plan import CHANGE, HIDE, SHOW, Hold, Item, Plan
from app.publishing.planning.settings import Settings
from app.words import Sentence, gettext_noop

_OF_ONE = gettext_noop("Больше чем на %(percent)s %% меняется цена %(count)s товара")
_OF_MANY = gettext_noop("Больше чем на %(percent)s %% меняется цена %(count)s товаров")
_FIRST = Hold("first", "Это первая публикация в это сообщество. Проверьте план и подтвердите его")


def holds(
    items: Mapping[str, list[Item]],
    entries: Iterable[Entry],
    settings: Settings,
    *,
    is_first: bool,
    unchanged: int = 0,
) -> tuple[Hold, ...]:
    """The reasons to wait for the owner's word, each with its examples; none: it may go.

    `unchanged` are in the shop to be seen beside the `entries`.
    """
    found = [_FIRST] if is_first else []
    found += _first_touched([*items[CHANGE], *items[SHOW], *items[HIDE]])
    found += _too_many_hidden(items[HIDE], entries, unchanged, settings.hide_guard_percent)
    found += _prices_jump([*items[CHANGE], *items[SHOW]], settings.price_guard_percent)
    return tuple(found)


def of_one(plan: Plan, key: Key) -> Plan:
    """The part of a plan that is about one good, with what is unusual about that."""
    part = plan.only(key)
    changed = [*part.items[CHANGE], *part.items[SHOW]]
    touched = _first_touched([*changed, *part.items[HIDE]])
    return replace(part, holds=(*touched, *_prices_jump(changed, plan.settings.price_guard_percent)))


def _first_touched(written: list[Item]) -> Iterator[Hold]:
    """Listings that were there before us are shown to their owner before anything of them is written."""
    paired = [item for item in written if item.entry and item.entry.is_in_vk and not item.entry.sent]
    if paired:
        sentence = Sentence(
            "Впервые меняются товары, которые были в сообществе до Витрины: %(count)s", count=len(paired)
        )
        yield Hold("paired", sentence, tuple(paired))


def _too_many_hidden(
    hidden: list[Item], entries: Iterable[Entry], unchanged: int, percent: int
) -> Iterator[Hold]:
    seen = [item for item in hidden if not item.look_up]
    live = unchanged + sum(entry.may_be(visible=True) for entry in entries) if seen else 0
    if len(seen) * 100 > live * percent:
        sentence = Sentence(
            "Из магазина будут сняты товары: %(count)s из %(live)s. Это больше %(percent)s %%",
            count=len(seen),
            live=live,
            percent=percent,
        )
        yield Hold("hides", sentence, tuple(seen))


def _prices_jump(changed: list[Item], percent: int) -> Iterator[Hold]:
    jumps = [
        (moved, item)
        for item in changed
        for field, old, new in item.changes
        if field == PRICE and old is not None and (moved := prices.moved_percent(old, new)) > percent
    ]
    if jumps:
        jumps.sort(key=lambda jump: jump[0], reverse=True)
        is_one = len(jumps) % 10 == 1 and len(jumps) % 100 != 11
        sentence = Sentence(_OF_ONE if is_one else _OF_MANY, percent=percent, count=len(jumps))
        yield Hold("prices", sentence, tuple(item for _, item in jumps), PRICE)
