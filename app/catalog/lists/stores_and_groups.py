"""The lists of stores and of groups: what narrows them, and their pages."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    func,
    select,
)

from app.catalog.lists.address import ListQuery
from app.catalog.lists.filters import NO_RULE, PUBLISHED
from app.catalog.lists.keyset import Page, Total, Walk, as_page
from app.catalog.lists.sorting import sort_key
from app.data.db import db
from app.mirror.models import CachedGroup, CachedStore
from app.mirror.search import has_words
from app.rules import as_sql
from app.rules.decide import EXCLUDE, GROUP, INCLUDE, STORE


def select_stores(user_id: int, query: ListQuery) -> Select[Any]:
    """The owner's stores, as `query` narrows them; `rule_mode` is the store's own rule.

    `default_mode` is what the owner has decided for goods without a rule, `policy` what comes before it.
    """
    own = as_sql.rules_on(user_id, STORE).subquery("own_rules")
    default = as_sql.default_mode(user_id)
    policy = as_sql.select_policy(user_id).scalar_subquery()
    decided = own.c.filter_mode.label("rule_mode"), default.label("default_mode"), policy.label("policy")
    statement = (
        select(CachedStore.__table__, *decided)
        .outerjoin(own, own.c.entity_id == CachedStore.evotor_id)
        .where(CachedStore.user_id == user_id)
    )
    mode = func.coalesce(own.c.filter_mode, default)
    return _narrow(statement, query, CachedStore.search_text, own.c.filter_mode, lambda: (statement, mode))


def select_groups(user_id: int, store_id: str, query: ListQuery) -> Select[Any]:
    """The groups of a store, as `query` narrows them; `rule_mode` is the group's own rule."""
    own = as_sql.rules_on(user_id, GROUP, store_id).subquery("own_rules")
    statement = (
        select(CachedGroup.__table__, own.c.filter_mode.label("rule_mode"))
        .outerjoin(own, own.c.entity_id == CachedGroup.evotor_id)
        .where(CachedGroup.user_id == user_id, CachedGroup.store_evotor_id == store_id)
    )

    def with_mode() -> tuple[Select[Any], ColumnElement[str]]:
        inherited = as_sql.inherited_by(user_id, store_id)
        return inherited.join(statement, store_id, CachedGroup.evotor_id), inherited.mode

    return _narrow(statement, query, CachedGroup.sort_name, own.c.filter_mode, with_mode)


def sorted_as(statement: Select[Any], model: Any, query: ListQuery) -> Select[Any]:
    """Sort a list as `query` says; the key makes the order total."""
    walk = Walk.of(query)
    return statement.order_by(*walk._replace(start=None).order(sort_key(model, query.sort), model.id))


def fetch_page(statement: Select[Any], model: Any, query: ListQuery) -> Page:
    """Fetch the page of a list of stores or groups; raises BadQuery for a foreign cursor."""
    walk = Walk.of(query)
    stretch = walk.stretch(statement, model, walk.limit)
    rows = db.session.execute(select(stretch).order_by(*walk.order(stretch.c.sort_key, stretch.c.id))).all()
    if query.cursor is not None and not rows:
        # The rows behind this link are gone: show the list from its start.
        return fetch_page(statement, model, query.from_start())
    total = len(rows)
    if query.cursor is not None or total == walk.limit:
        # There are more than these.
        counted = statement.order_by(None).subquery()
        total = db.session.scalar(select(func.count()).select_from(counted)) or 0
    return as_page(query, list(rows), Total(total))


def _narrow(
    statement: Select[Any],
    query: ListQuery,
    searched: Any,
    own_mode: ColumnElement[str],
    with_mode: Callable[[], tuple[Select[Any], ColumnElement[str]]],
) -> Select[Any]:
    """Apply search and filters; `with_mode` adds the result, which is costly, only when it is asked for."""
    if query.result:
        statement, mode = with_mode()
        statement = statement.where(mode == (INCLUDE if query.result == PUBLISHED else EXCLUDE))
    if query.q:
        statement = statement.where(has_words(searched, query.q))
    if query.rule:
        statement = statement.where(own_mode.is_(None) if query.rule == NO_RULE else own_mode == query.rule)
    return statement
