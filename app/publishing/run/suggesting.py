"""The job that asks VK's own search for categories, so that no page waits for it."""

import hashlib
from collections.abc import Sequence

from app.clients.errors import CloudError
from app.clients.vk.category_payload import Category
from app.clients.vk.market import Market
from app.connections.may_publish import may_publish
from app.connections.vk.market import MarketClosed, MarketLost, open_market
from app.data.db import db
from app.publishing.settings.suggestions import (
    SHOWN,
    asked_as,
    keep_suggestions,
    leaves,
    other_queries,
    suggestions_for,
)
from app.work.jobs import job
from app.work.queue import queue

NAMES_AT_ONCE = 200
_TIMEOUT_SECONDS = 120


def ask_for_suggestions(user_id: int, names: Sequence[str]) -> None:
    """Let a worker ask VK about names of groups; a second request for the same joins the first.

    It does not wait for publications, which may take hours. Raises QueueUnavailable.
    """
    asked = sorted({asked_as(name): name for name in names}.values())[:NAMES_AT_ONCE]
    digest = hashlib.blake2b("\n".join(asked).encode(), digest_size=8).hexdigest()
    job_id = f"suggest-{user_id}-{digest}"
    if asked and not queue.holds(job_id):
        queue.enqueue(
            suggest_categories,
            user_id,
            asked,
            job_id=job_id,
            timeout=_TIMEOUT_SECONDS,
        )


@job
def suggest_categories(user_id: int, names: list[str]) -> None:
    """Ask VK for categories by names of groups, and keep what it finds."""
    community, problem = may_publish(user_id)
    known = suggestions_for(user_id, names)
    unknown = [name for name in names if asked_as(name) not in known]
    if community is None or problem is not None or not unknown:
        return
    try:
        with open_market(user_id, community.id) as opened:
            try:
                found = _search(Market(opened.session, community.id), unknown)
            except CloudError as error:
                opened.note_problem(error)
                return
    except (MarketLost, MarketClosed):
        return
    keep_suggestions(user_id, {asked_as(name): category_ids for name, category_ids in found.items()})
    db.session.commit()


def _search(market: Market, names: Sequence[str]) -> dict[str, list[int]]:
    """Search by whole names, and by their words where that finds nothing."""
    found = {name: leaves(categories)[:SHOWN] for name, categories in market.find_categories(names).items()}
    words = {name: other_queries(name) for name, category_ids in found.items() if not category_ids}
    queries = list(dict.fromkeys(query for asked in words.values() for query in asked))
    by_word: dict[str, list[Category]] = market.find_categories(queries) if queries else {}
    for name, asked in words.items():
        ids = dict.fromkeys(number for query in asked for number in leaves(by_word[query])[:SHOWN])
        found[name] = list(ids)[:SHOWN]
    return found
