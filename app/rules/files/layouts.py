"""Which columns a file of rules has: its own, or those of a list of the catalogue with «Фильтр»."""

from collections.abc import Collection, Mapping

from flask_babel import gettext

from app.rules.decide import GROUP, PRODUCT, STORE
from app.rules.files.csv_file import FILTER, KINDS, NAME

OF_RULES = ("Вид", "ID магазина", "ID", FILTER)
OF_GOODS = ("Магазин", "Группа", NAME, "ID", FILTER)
READ = (*OF_RULES, NAME, "Магазин")
# The first that fits: goods have all the columns that groups have.
_OF_LISTS = {
    PRODUCT: set(OF_GOODS),
    STORE: {NAME, "Адрес", "ID", FILTER},
    GROUP: {"Магазин", NAME, "ID", FILTER},
}

# The ids of an owner's stores by their names without blanks around them.
StoresByName = Mapping[str, Collection[str]]


class NoStore(ValueError):
    """The store of a line cannot be told by its name; the message is what follows the line's number."""


def is_of_rules(names: Collection[str]) -> bool:
    """Whether these are the columns of a file of rules."""
    return set(OF_RULES) <= set(names)


def kind_of_list(names: Collection[str]) -> str | None:
    """What a list of the catalogue with these columns is of, None for columns of no list."""
    if "Вид" in names:
        return None
    return next((kind for kind, needed in _OF_LISTS.items() if needed <= set(names)), None)


def as_rule(cells: dict[str, str], kind: str, stores: StoresByName) -> dict[str, str]:
    """Make of the cells of a list's row those of a file of rules; raises NoStore."""
    named = {**cells, "Вид": KINDS[kind]}
    if kind == STORE:
        return named
    # Behind its guard against formulas it may begin with blanks.
    name = cells["Магазин"].strip()
    found = stores.get(name, ())
    if not found:
        raise NoStore(gettext("магазина «%(name)s» нет в каталоге", name=name[:60]))
    if len(found) > 1:
        raise NoStore(
            gettext(
                "магазинов «%(name)s» несколько, и не понять, который это: назовите их в Эвоторе по-разному"
                " или загрузите файл правил",
                name=name[:60],
            )
        )
    (store_id,) = found
    return {**named, "ID магазина": store_id}
