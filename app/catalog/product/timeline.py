"""What happened to a good: rules that touched it, changes in the till, what was sent to VK."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from flask import url_for
from flask_babel import gettext
from sqlalchemy import Select, literal, null, select, union_all

from app.catalog.lists.what_changed import TITLES
from app.data.db import db
from app.mirror.change_log import GONE, NEW, PRICE, STOCK
from app.mirror.models import CachedProduct, CatalogChange, CatalogRefresh
from app.publishing.pages.words import DID, FIELDS, shown
from app.publishing.planning.existing import PHOTO_IDS
from app.publishing.run.models import PublicationItem
from app.rules.decide import GROUP, PRODUCT, STORE
from app.rules.models import RuleChange, RuleChangeItem
from app.rules.words import DEFAULT_WORDS, KIND_WORDS, MODE_WORDS
from app.web.formatting import DASH, price, quantity
from app.web.language import translated

SHOWN = 30


class Event(NamedTuple):
    """One line: when, what happened, the details, and where more is said about it.

    `kind` is `rule`, `till` or `vk`. `back` is the next change of rules where that took this one back: the
    two are one line.
    """

    at: datetime
    kind: str
    title: str
    details: str
    url: str | None = None
    back: "Event | None" = None


def timeline_of(product: CachedProduct, group_ids: Sequence[str], listing_ids: Sequence[int]) -> list[Event]:
    """The newest events of a good; `group_ids` are its groups upwards, `listing_ids` its listings in VK."""
    events = [*_of_rules(product, group_ids), *_of_till(product), *_of_vk(listing_ids)]
    return sorted(events, key=lambda event: event.at, reverse=True)[:SHOWN]


def _of_rules(product: CachedProduct, group_ids: Sequence[str]) -> Iterator[Event]:
    on = [(PRODUCT, [product.evotor_id]), (STORE, [product.store_evotor_id])]
    if group_ids:
        on.append((GROUP, list(group_ids)))
    steps = [_rules_on(product, kind, ids) for kind, ids in on] + [_defaults(product.user_id)]
    found = union_all(*(select(step.subquery()) for step in steps)).subquery()
    newest = select(found).order_by(found.c.applied_at.desc(), found.c.id.desc()).limit(SHOWN)
    here = url_for("catalog.product", store_id=product.store_evotor_id, product_id=product.evotor_id)
    for step, back in _folded(db.session.execute(newest).all()):
        event = _rule(step, here)
        yield event if back is None else event._replace(back=_rule(back, here))


def _folded(steps: Sequence[Any]) -> Iterator[tuple[Any, Any]]:
    """Steps, the latest first, each with the next one where that took it back, which is no step by itself.

    From the oldest on, as in the history: of done, undone and done anew the last one stands.
    """
    waiting = list(steps)
    while waiting:
        step = waiting.pop()
        back = waiting.pop() if waiting and _takes_back(waiting[-1], step) else None
        yield step, back


def _takes_back(later: Any, step: Any) -> bool:
    """Whether a step is on the same as the one before it, and puts it back to what it was."""
    is_on_same = (later.entity_type, later.entity_id) == (step.entity_type, step.entity_id)
    return is_on_same and (later.mode_before, later.mode_after) == (step.mode_after, step.mode_before)


def _rule(step: Any, here: str) -> Event:
    kind = step.entity_type
    words = DEFAULT_WORDS if kind is None else MODE_WORDS
    title = gettext("Товары без правила") if kind is None else _named(kind, step.entity_name)
    modes = (step.mode_before, step.mode_after)
    moved = " → ".join(gettext(words[mode]) if mode in words else DASH for mode in modes)
    url = url_for("sync.changes.show", change_id=step.id, next=here)
    return Event(step.applied_at, "rule", title, moved, url)


def _named(kind: str, name: str) -> str:
    return gettext("%(kind)s «%(name)s»", kind=gettext(KIND_WORDS[kind]), name=name)


def _rules_on(product: CachedProduct, kind: str, ids: list[str]) -> Select[Any]:
    item = RuleChangeItem
    moved: list[Any] = [
        item.entity_type,
        item.entity_id,
        item.entity_name,
        item.mode_before,
        item.mode_after,
    ]
    return (
        select(RuleChange.id, RuleChange.applied_at, *moved)
        .join(item, item.change_id == RuleChange.id)
        .where(
            RuleChange.user_id == product.user_id,
            RuleChange.applied_at.is_not(None),
            item.entity_type == kind,
            item.store_evotor_id == product.store_evotor_id,
            item.entity_id.in_(ids),
        )
        .order_by(RuleChange.applied_at.desc(), RuleChange.id.desc())
        .limit(SHOWN)
    )


def _defaults(user_id: int) -> Select[Any]:
    moved: list[Any] = [
        null().label("entity_type"),
        literal("").label("entity_id"),
        literal("").label("entity_name"),
        RuleChange.default_before.label("mode_before"),
        RuleChange.default_after.label("mode_after"),
    ]
    return (
        select(RuleChange.id, RuleChange.applied_at, *moved)
        .where(
            RuleChange.user_id == user_id,
            RuleChange.applied_at.is_not(None),
            RuleChange.default_after.is_not(None),
        )
        .order_by(RuleChange.applied_at.desc(), RuleChange.id.desc())
        .limit(SHOWN)
    )


def _of_till(product: CachedProduct) -> Iterator[Event]:
    # By the index of the lists of changes, which begins with these.
    rows = db.session.execute(
        select(CatalogChange, CatalogRefresh.finished_at, CatalogRefresh.requested_at)
        .join(CatalogRefresh, CatalogRefresh.id == CatalogChange.refresh_id)
        .where(
            CatalogChange.user_id == product.user_id,
            CatalogChange.what.in_(TITLES),
            CatalogChange.sort_name == product.sort_name,
            CatalogChange.store_evotor_id == product.store_evotor_id,
            CatalogChange.evotor_id == product.evotor_id,
        )
    )
    for change, finished_at, requested_at in rows:
        yield Event(
            finished_at or requested_at, "till", *_said(change), url_for("catalog.changes", what=change.what)
        )


def _said(change: CatalogChange) -> tuple[str, str]:
    if change.what == NEW:
        return gettext("Касса"), gettext("Появился в Эвоторе")
    if change.what == GONE:
        return gettext("Касса"), gettext("Пропал из Эвотора")
    if change.what in (PRICE, STOCK):
        write = price if change.what == PRICE else quantity
        was, now = (write(value) for value in (change.number_was, change.number_now))
    else:
        was, now = change.text_was or DASH, change.text_now or DASH
    what = gettext(TITLES[change.what]).lower()
    return gettext("Касса: %(what)s", what=what), f"{was} → {now}"


def _of_vk(listing_ids: Sequence[int]) -> Iterator[Event]:
    items = db.session.scalars(
        select(PublicationItem)
        .where(PublicationItem.listing_id.in_(listing_ids))
        .order_by(PublicationItem.id.desc())
        .limit(SHOWN)
    )
    for item in items:
        url = url_for("sync.runs.show", run_id=item.publication_id)
        if item.problem:
            yield Event(
                item.written_at, "vk", gettext("ВКонтакте: не получилось"), translated(item.problem), url
            )
        else:
            did = gettext(DID.get(item.action, item.action)).lower()
            yield Event(item.written_at, "vk", gettext("ВКонтакте: %(did)s", did=did), _fields(item), url)


def _fields(item: PublicationItem) -> str:
    """What a run wrote, in words: only what had another value before."""
    parts = [
        f"{gettext(FIELDS[name])}: {shown(name, item.before[name], {})} → {shown(name, value, {})}"
        for name, value in item.after.items()
        if name in FIELDS and name != PHOTO_IDS and name in item.before and item.before[name] != value
    ]
    return "; ".join(parts)
