"""What a page showed of one good, as a mark: nothing else is sent by the button that stands beside it."""

from app.publishing.planning.desired import Shop
from app.publishing.planning.good import Good
from app.publishing.planning.templates import TemplateError
from app.publishing.settings.read import group_tree_above, settings_of
from app.web.shown import is_as_seen, mark_of


def mark_of_seen(shop: Shop, good: Good) -> str:
    """The mark of what a good's listing is made of: its facts, stock apart, its pictures and the settings."""
    return mark_of([_facts(shop, good)])


def is_good_as_seen(user_id: int, good: Good, mark: str) -> bool:
    """Tell whether a good and the settings still are as the page with this mark showed them."""
    try:
        shop = Shop(settings_of(user_id), group_tree_above(user_id, [good.key]))
    except TemplateError:
        return False
    return is_as_seen(mark, [_facts(shop, good)])


def _facts(shop: Shop, good: Good) -> str:
    (want,) = shop.desired([good._replace(is_published=True)])
    return want.facts
