"""The state of a list, as its address carries it: parsed, checked, and turned into every link of the page."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import cached_property, lru_cache
from typing import Any
from urllib.parse import quote_plus

from flask_babel import gettext

from app.catalog.lists.filters import FILTERS, HIDDEN, PUBLISHED, WAITING
from app.rules.decide import EXCLUDE, INCLUDE
from app.web.addresses import url_for
from app.web.cursor import BadCursor, Cursor
from app.web.typed import LONGEST_SEARCH, typed_words
from app.words import gettext_noop

PAGE_SIZES = (25, 50, 100, 200)
DEFAULT_PAGE_SIZE = 50
NESTED, NOT_NESTED = "1", "0"
ASCENDING, DESCENDING = "asc", "desc"
DEFAULT_SORT = "name"
# The list of the goods of one store, and that of the goods that lie in any of the stores.
GOODS = "catalog.products"
ALL_STORES = "catalog.all_products"
PRODUCT_SORTS = ("name", "price", "quantity", "article_number")
NAME_ONLY = (DEFAULT_SORT,)
STALE_PAGE = gettext_noop("Ссылка на страницу списка устарела. Откройте список с начала.")
# So many branches of a tree an address remembers as folded.
_MOST_FOLDED = 200
_KEYS = re.compile(rf"[0-9]{{1,18}}(\.[0-9]{{1,18}}){{0,{_MOST_FOLDED - 1}}}")
# What says how a page shows its list, not what is in it; None leaves it out.
_OF_PAGE = {"per_page": None, "folded": None}
# All that leaves out rows.
_NARROWING = ("q", *FILTERS, "of_group")


class BadQuery(ValueError):
    """A parameter of the address is unusable; the message is a sentence for the owner."""


@dataclass(frozen=True)
class ListQuery:
    """One list's search, filters, order and place.

    `endpoint` and `fixed` (store_id, group_id) say which list it is; None in a filter means "any".
    """

    endpoint: str
    fixed: tuple[tuple[str, str], ...] = ()
    q: str = ""
    sort: str = DEFAULT_SORT
    dir: str = ASCENDING
    rule: str | None = None
    result: str | None = None
    on_sale: str | None = None
    vk: str | None = None
    photo: str | None = None
    grouped: str | None = None
    ready: str | None = None
    stock: str | None = None
    news: str | None = None
    # The folded name of a group, in the list of new goods.
    of_group: str | None = None
    nested: str = NESTED
    # Branches of the tree of groups that are folded: keys, with a dot between.
    folded: str = ""
    per_page: int = DEFAULT_PAGE_SIZE
    after: str | None = None
    before: str | None = None

    @classmethod
    def parse(
        cls,
        args: Mapping[str, str],
        endpoint: str,
        fixed: Mapping[str, str] | None = None,
        sorts: tuple[str, ...] = NAME_ONLY,
    ) -> "ListQuery":
        """Read the list's state from a query string; raise BadQuery for what the list does not offer."""
        return cls(
            endpoint=endpoint,
            fixed=tuple((fixed or {}).items()),
            q=_search(args.get("q", "")),
            sort=_choice(args, "sort", sorts) or DEFAULT_SORT,
            dir=_choice(args, "dir", (ASCENDING, DESCENDING)) or ASCENDING,
            **{name: _choice(args, name, offered) for name, offered in FILTERS.items()},
            nested=_choice(args, "nested", (NESTED, NOT_NESTED)) or NESTED,
            folded=_folded(args.get("folded", "")),
            per_page=int(_choice(args, "per_page", tuple(map(str, PAGE_SIZES))) or DEFAULT_PAGE_SIZE),
            after=args.get("after") or None,
            before=args.get("before") or None,
        )

    @property
    def cursor(self) -> Cursor | None:
        """Where the page begins (`after`) or ends (`before`); raises BadQuery when it cannot be read."""
        text = self.after or self.before
        try:
            return Cursor.decode(text) if text else None
        except BadCursor:
            raise BadQuery(gettext(STALE_PAGE)) from None

    def from_start(self) -> "ListQuery":
        """The same list from its first page."""
        return replace(self, after=None, before=None)

    @property
    def is_backwards(self) -> bool:
        return self.before is not None and self.after is None

    @property
    def kept(self) -> str:
        """What a view keeps of the list: search, filters and order, as the address has them; "" for none."""
        bare = replace(self, fixed=(), nested=NESTED)
        return bare._link("", _OF_PAGE).removeprefix("?")

    @property
    def is_narrowed(self) -> bool:
        """Whether a search or a filter hides some rows."""
        return any(getattr(self, name) for name in _NARROWING)

    @property
    def is_nested(self) -> bool:
        """Whether a group's goods are those of the groups within it too."""
        return self.nested == NESTED

    @property
    def is_sorted(self) -> bool:
        """Whether another order was asked for than the one in which a list is first opened."""
        return (self.sort, self.dir) != (DEFAULT_SORT, ASCENDING)

    @property
    def folded_groups(self) -> set[int]:
        """The branches of a tree that are folded, by the table's key."""
        return {int(number) for number in self.folded.split(".") if number}

    def fold_url(self, number: int) -> str:
        """Link to this page of a tree with the branch folded, or unfolded when it is folded."""
        folded = self.folded_groups ^ {number}
        # Unfolding the oldest keys would surprise nobody who has folded so many.
        kept = sorted(folded)[-_MOST_FOLDED:]
        place = {"after": self.after, "before": self.before}
        return self.url(folded=".".join(map(str, kept)), **place)

    def is_narrowed_only_by(self, name: str) -> bool:
        """Whether of search and filters only this one is in use."""
        return [each for each in _NARROWING if getattr(self, each)] == [name]

    @property
    def modes(self) -> set[str]:
        """What the rules must say of each good; empty when that is not asked, and nothing fits two."""
        by_result = {PUBLISHED: INCLUDE, HIDDEN: EXCLUDE}.get(self.result or "")
        return {mode for mode in (by_result, INCLUDE if self.asks_readiness else None) if mode}

    @property
    def asks_readiness(self) -> bool:
        """Whether what is in the list depends on what can be published, of that which the rules publish."""
        return self.vk == WAITING or self.ready is not None

    @cached_property
    def action(self) -> str:
        """Where the search form leads; the rest of the state goes in its hidden fields."""
        return url_for(self.endpoint)

    def url(self, **changes: Any) -> str:
        """Link to this list with `changes` applied (None removes), from its first page."""
        return self._link(self.action, changes)

    def sort_url(self, column: str) -> str:
        """Link that sorts by `column`, or turns the order round when the list is sorted by it already."""
        turned = column == self.sort and self.dir == ASCENDING
        return self.url(sort=column, dir=DESCENDING if turned else ASCENDING)

    def export_url(self, entity_type: str) -> str:
        """Link to the file that holds exactly what the list shows."""
        return self._link(url_for("catalog.export"), _OF_PAGE, type=self._type(entity_type))

    def bulk_url(self, entity_type: str) -> str:
        """Where the form goes that changes every row the list finds."""
        return self._link(url_for("catalog.bulk.plan"), _OF_PAGE, type=self._type(entity_type))

    def url_at(self, path: str, **more: Any) -> str:
        """Link to another page that is about this list, with `more` of its own."""
        return self._link(path, {"per_page": None}, **more)

    def hidden_fields(self, *omitted: str) -> list[tuple[str, str]]:
        """The state as form fields, without `omitted` and without the place in the list."""
        return [(name, str(value)) for name, value in self._state().items() if name not in omitted]

    def _type(self, entity_type: str) -> str:
        return "all" if self.endpoint == ALL_STORES else f"{entity_type}s"

    def _link(self, path: str, changes: Mapping[str, Any], **extra: Any) -> str:
        # Not by `url_for`: a page has some twenty of these.
        state = self._state({"after": None, "before": None, **changes}) | extra
        return f"{path}?{'&'.join(map(_pair, state, map(str, state.values())))}" if state else path

    def _state(self, changes: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """What differs from a list as it is first opened."""
        values = {name: getattr(self, name) for name in _FIRST} | dict(changes or {})
        differing = {
            name: value for name, value in values.items() if value is not None and value != _FIRST[name]
        }
        return dict(self.fixed) | differing


# A list as it is first opened, by the names in its address.
_FIRST = {field.name: field.default for field in fields(ListQuery) if field.name not in ("endpoint", "fixed")}


# All but one pair of a page's links are the same.
@lru_cache(maxsize=2048)
def _pair(name: str, value: str) -> str:
    return f"{name}={quote_plus(value)}"


def _search(text: str) -> str:
    words = typed_words(text)
    if len(words) > LONGEST_SEARCH:
        raise BadQuery(
            gettext("Слишком длинный запрос для поиска: не больше %(most)s знаков.", most=LONGEST_SEARCH)
        )
    return words


def _folded(text: str) -> str:
    if text and not _KEYS.fullmatch(text):
        raise BadQuery(gettext(STALE_PAGE))
    return text


def _choice(args: Mapping[str, str], name: str, offered: tuple[str, ...]) -> str | None:
    value = args.get(name) or None
    if value is not None and value not in offered:
        raise BadQuery(gettext(STALE_PAGE))
    return value
