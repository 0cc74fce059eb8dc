"""Names and descriptions as they are sent: Evotor's own, else the owner's templates, within VK's bounds."""

from collections.abc import Callable
from functools import lru_cache

from app.publishing.planning import prices, pricing, texts
from app.publishing.planning.good import Good
from app.publishing.planning.pricing import Asked
from app.publishing.planning.settings import Settings
from app.publishing.planning.templates import Template, read_template

_PORTION = f", {pricing.HUNDRED_GRAMS}"


class Composer:
    """Composes the texts of goods; raises TemplateError when a template of the settings cannot be used."""

    def __init__(self, settings: Settings) -> None:
        self._name_template = read_template(settings.name_template)
        self._description_template = read_template(settings.description_template)

    def names_itself(self, good: Good) -> bool:
        """Tell quickly, if it can be told quickly, that the name will be long enough."""
        return len(good.name) >= texts.NAME_MIN and texts.is_plain(good.name)

    def describes_itself(self, good: Good) -> bool:
        """Tell quickly, if it can be told quickly, that the description will be long enough."""
        description = good.text
        if len(description) < texts.DESCRIPTION_MIN:
            # The template takes over, and a name within it does not get shorter.
            description = good.name if "name" in self._description_template.placeholders else ""
        return len(description) >= texts.DESCRIPTION_MIN and texts.is_plain(description)

    def name_of(self, good: Good, asked: Asked) -> str:
        """Evotor's name, lengthened by the owner's template where VK wants more, cut where it wants less.

        What is priced for 100 g says so at its end: VK shows name and price alone where goods are listed.
        """
        name = texts.one_line(good.name)
        if len(name) < texts.NAME_MIN:
            name = texts.one_line(_filled(self._name_template, good, asked))
        if asked.portion is None or pricing.says_hundred_grams(name):
            return texts.cut(name, texts.NAME_MIN, texts.NAME_MAX)
        return texts.cut(name, 1, texts.NAME_MAX - len(_PORTION)) + _PORTION

    def description_of(self, good: Good, asked: Asked, note: str = "") -> str:
        """Evotor's description, or the owner's template where there is none that VK would take.

        `note` stands before it, what the price is for at its end.
        """
        description = texts.plain(good.text)
        if len(description) < texts.DESCRIPTION_MIN:
            description = texts.plain(_filled(self._description_template, good, asked))
        price_note = pricing.HUNDRED_GRAMS_NOTE if asked.portion else ""
        if not (note or price_note):
            return texts.cut(description, texts.DESCRIPTION_MIN, texts.DESCRIPTION_MAX)
        room = texts.DESCRIPTION_MAX - sum(len(line) + 1 for line in (note, price_note) if line)
        description = texts.cut(description, texts.DESCRIPTION_MIN, room)
        return "\n".join(line for line in (note, description, price_note) if line)


def _filled(template: Template, good: Good, asked: Asked) -> str:
    return template.fill({name: _VALUES[name](good, asked) for name in template.placeholders})


# Names of units, groups and stores: a few for thousands of goods.
often_the_same = lru_cache(maxsize=8192)(texts.one_line)

_VALUES: dict[str, Callable[[Good, Asked], str]] = {
    "name": lambda good, asked: texts.one_line(good.name),
    "description": lambda good, asked: texts.plain(good.text),
    "unit": lambda good, asked: pricing.HUNDRED_GRAMS if asked.portion else often_the_same(good.unit),
    "barcode": lambda good, asked: good.first_barcode,
    "article": lambda good, asked: texts.one_line(good.article),
    "code": lambda good, asked: texts.one_line(good.code),
    "group": lambda good, asked: often_the_same(good.group_name),
    "store": lambda good, asked: often_the_same(good.store_name),
    "price": lambda good, asked: "" if asked.price is None else prices.for_people(asked.price),
}
