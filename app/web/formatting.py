"""How numbers, money, time and counts are written for an owner."""

from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from flask import Flask
from flask_babel import gettext
from flask_login import current_user

from app.data.types import DEFAULT_TIMEZONE
from app.web.language import SOURCE, catalogue, language
from app.words import gettext_noop

DASH = "—"
MINUS = "\N{MINUS SIGN}"
THIN_GAP = "\N{NO-BREAK SPACE}"
_OF_MONTHS = (
    *(gettext_noop("января"), gettext_noop("февраля"), gettext_noop("марта"), gettext_noop("апреля")),
    *(gettext_noop("мая"), gettext_noop("июня"), gettext_noop("июля"), gettext_noop("августа")),
    *(gettext_noop("сентября"), gettext_noop("октября"), gettext_noop("ноября"), gettext_noop("декабря")),
)
KOPECK = Decimal("0.01")


def init_formatting(app: Flask) -> None:
    """Offer the functions below as template filters."""
    of_numbers = (price, money, quantity, number, signed, quoted, in_quotes, plural)
    for function in (*of_numbers, moment, day, coming, ending, ago, ago_briefly):
        app.add_template_filter(function)
    # As a function its forms are found by those who collect what is to be translated.
    app.add_template_global(plural)


def number(value: int | Decimal) -> str:
    """Group digits and use the decimal comma and a real minus: `-1234.5` → `−1 234,5`."""
    return f"{value:,}".replace(",", THIN_GAP).replace(".", ",").replace("-", MINUS)


def signed(value: int) -> str:
    """Always show the sign: `12` → `+12`, `0` → `0`."""
    return f"+{number(value)}" if value > 0 else number(value)


# Shops have many goods of one price, and of one quantity.
@lru_cache(maxsize=4096)
def price(value: Decimal | None) -> str:
    """Roubles with kopecks: `1 200,50 ₽`."""
    if value is None:
        return DASH
    return f"{number(value.quantize(KOPECK))}{THIN_GAP}₽"


def money(text: str | None) -> str:
    """The same of a price that is kept as text: `1200.50` → `1 200,50 ₽`."""
    return price(None if text is None else Decimal(text))


@lru_cache(maxsize=4096)
def quantity(value: Decimal | None) -> str:
    """At most three decimals, none that are zero: `−3,25`."""
    if value is None:
        return DASH
    whole = value == value.to_integral_value()
    return number(value.quantize(Decimal(1)) if whole else value.normalize())


def quoted(name: str) -> str:
    """A name to be put between «», with its own such quotes turned into the inner ones: „“."""
    return name.strip().replace("«", "„").replace("»", "“")


def name_of_file(name: str | None) -> str:
    """The name of an uploaded file without the folders that some browsers send, short enough to be shown."""
    bare = (name or "").replace("\\", "/").rpartition("/")[2]
    bare = "".join(character for character in bare if character.isprintable())
    return bare if len(bare) <= 60 else f"{bare[:28]}…{bare[-28:]}"


def in_quotes(name: str) -> str:
    """A name in the quotes of the language: `«Чай»`, `“Чай”`."""
    return f"«{name}»" if language() == SOURCE else f"“{name}”"


def plural(count: int, one: str, few: str, many: str) -> str:
    """The count with its noun in the right form: `2 товара`."""
    return f"{number(count)}{THIN_GAP}{plural_form(count, one, few, many)}"


def plural_form(count: int, one: str, few: str, many: str) -> str:
    """The form of a noun that follows `count`, from the forms that a Russian one has."""
    if (spoken := language()) != SOURCE:
        return catalogue(spoken).ungettext(one, many, count)
    tail = abs(count) % 100
    if 11 <= tail <= 14 or tail % 10 in (0, 5, 6, 7, 8, 9):
        return many
    return one if tail % 10 == 1 else few


def moment(value: datetime | None) -> str:
    """`06.03.2026 14:30` in the owner's time zone."""
    return DASH if value is None else in_owner_zone(value).strftime("%d.%m.%Y %H:%M")


def in_owner_zone(value: datetime) -> datetime:
    """The moment as the owner's clock shows it."""
    return value.astimezone(_owner_zone())


def day(value: date) -> str:
    """`Сегодня`, `Вчера` or `06.03.2026`."""
    near = {0: gettext("Сегодня"), 1: gettext("Вчера")}
    return near.get((today() - value).days, value.strftime("%d.%m.%Y"))


def coming(value: datetime) -> str:
    """A moment ahead, as near as it is: `в 09:00`, `завтра в 09:00`, `06.03.2026 в 09:00`."""
    there = in_owner_zone(value)
    days = (there.date() - today()).days
    if days == 0:
        return gettext("в %(time)s", time=f"{there:%H:%M}")
    return _at(gettext("завтра") if days == 1 else f"{there:%d.%m.%Y}", there)


def until(value: datetime) -> str:
    """A moment ahead that something lasts to: `09:00`, `завтра в 09:00`, `06.03.2026 в 09:00`."""
    there = in_owner_zone(value)
    return f"{there:%H:%M}" if there.date() == today() else coming(value)


def ending(value: datetime) -> str:
    """When something long will be over: `сегодня в 10:24`, `завтра в 10:24`, `3 декабря`."""
    there = in_owner_zone(value)
    near = {0: gettext("сегодня"), 1: gettext("завтра")}.get((there.date() - today()).days)
    return _at(near, there) if near else f"{there.day} {gettext(_OF_MONTHS[there.month - 1])}"


def _at(day: str, there: datetime) -> str:
    return gettext("%(day)s в %(time)s", day=day, time=f"{there:%H:%M}")


def ago(value: datetime | None) -> str:
    """How long ago, in words; a date when it is more than a day."""
    if value is None:
        return DASH
    minutes = int((datetime.now(UTC) - value).total_seconds() // 60)
    if minutes < 1:
        return gettext("только что")
    if minutes < 60:
        return gettext("%(span)s назад", span=plural(minutes, "минуту", "минуты", "минут"))
    if minutes < 24 * 60:
        return gettext("%(span)s назад", span=plural(minutes // 60, "час", "часа", "часов"))
    return moment(value)


def ago_briefly(value: datetime) -> str:
    """The same where there is little room: `4 мин назад`."""
    minutes = int((datetime.now(UTC) - value).total_seconds() // 60)
    if minutes < 1 or minutes >= 24 * 60:
        return ago(value)
    if minutes < 60:
        return gettext("%(count)s мин назад", count=minutes)
    return gettext("%(count)s ч назад", count=minutes // 60)


def today() -> date:
    """The date it is for the owner."""
    return datetime.now(_owner_zone()).date()


def _owner_zone() -> ZoneInfo:
    return ZoneInfo(current_user.timezone if current_user.is_authenticated else DEFAULT_TIMEZONE)
