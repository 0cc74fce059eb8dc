"""What the overview shows beside the switch and the rules: what is in VK, the last run and the next."""

from datetime import datetime
from typing import NamedTuple

from app.connections.may_publish import may_publish
from app.publishing.current import usable_plan, was_approved
from app.publishing.facts import facts_here, note_plan
from app.publishing.ledger.shop_days import last_days
from app.publishing.ledger.states import counts_of_states
from app.publishing.pages.chart import Chart, chart_of
from app.publishing.pages.store_bars import not_ready_by_store
from app.publishing.photos.missing import Missing, without_photo
from app.publishing.planning.existing import FAILED, HIDDEN, LIVE
from app.publishing.planning.plan import ASK
from app.publishing.run.failing import begins_again_at
from app.publishing.run.lives import publications
from app.publishing.run.models import Publication
from app.publishing.run.overtaken import is_overtaken
from app.publishing.settings.read import settings_row
from app.publishing.unsent import PLANNED_AT_MOST
from app.rules.read import present_config
from app.rules.summary import counts_by_store
from app.web.formatting import today


class Overview(NamedTuple):
    """Counts are of listings in the chosen community; `waiting` goods are to be sent, now or later, and
    `asked` ones once their owner has answered.

    `not_ready` goods are counted by store, None where no plan is made.
    `is_new`: no plan has been approved yet; `may_start`: nothing stands in the way of a run;
    `begins_again_at`: changes go by themselves from then on, None while nothing keeps them. `is_overtaken`:
    the last run takes another one back, and goes on only on its owner's word. `chart` is None
    while there is nothing to compare.
    """

    community_id: int
    live: int
    waiting: int
    asked: int
    hidden: int
    failed: int
    last: Publication | None
    is_new: bool
    may_start: bool
    is_configured: bool
    is_auto: bool
    begins_again_at: datetime | None
    is_overtaken: bool
    without_photo: list[Missing]
    not_ready: dict[str, int] | None
    chart: Chart | None


def overview(user_id: int, published: int) -> Overview:
    """Read it; of more `published` goods than a community holds no plan is made to count those that wait."""
    facts, _ = facts_here()
    community, problem = may_publish(user_id)
    community_id = community.id if community else 0
    last = publications.latest(user_id)
    row = settings_row(user_id)
    is_configured = row is not None and row.configured_at is not None
    counts = counts_of_states(user_id, community_id)
    is_enabled = bool(present_config(user_id).is_enabled)
    asked, not_ready = 0, None
    if community is not None and is_configured and published <= PLANNED_AT_MOST:
        plan = usable_plan(user_id, community_id)
        if plan is not None:
            facts, asked, not_ready = note_plan(user_id, plan), plan.counts[ASK], not_ready_by_store(plan)
    return Overview(
        community_id=community_id,
        live=counts.get(LIVE, 0),
        waiting=facts.waiting or 0,
        asked=asked,
        hidden=counts.get(HIDDEN, 0),
        failed=counts.get(FAILED, 0),
        last=last,
        is_new=not was_approved(user_id, community_id),
        may_start=community is not None and problem is None and is_enabled and is_configured,
        is_configured=is_configured,
        is_auto=row is not None and row.auto,
        begins_again_at=begins_again_at(user_id),
        is_overtaken=last is not None and is_overtaken(last),
        without_photo=without_photo(user_id),
        not_ready=not_ready,
        chart=chart_of(last_days(user_id, community_id, counts.get(LIVE, 0), today())),
    )


def waiting_now(user_id: int) -> int | None:
    """How many goods are to be sent, by a plan where nothing else tells it; None where that is too much."""
    facts, _ = facts_here()
    community, _ = may_publish(user_id)
    if facts.waiting is not None or community is None or facts.configured_at is None:
        return facts.waiting
    if sum(store.published for store in counts_by_store(user_id)) > PLANNED_AT_MOST:
        return None
    plan = usable_plan(user_id, community.id)
    return None if plan is None else note_plan(user_id, plan).waiting
