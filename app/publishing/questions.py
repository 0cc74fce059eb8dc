"""Questions that the plan has for the owner, and what each answer does."""

from app.data.db import db
from app.publishing.ledger.answers import give_fields, publish_again
from app.publishing.planning.plan import ASK, Item, Plan
from app.publishing.planning.reasons import DELETED_IN_VK, EDITED_IN_VK
from app.publishing.planning.rows import PlanRow, rows_for
from app.publishing.settings.save import note_new_plan
from app.rules.changes.apply import change_at_once
from app.rules.changes.plan import BULK
from app.rules.decide import EXCLUDE, PRODUCT
from app.rules.models import RuleChange
from app.rules.read import Target
from app.web.formatting import quoted
from app.words import Sentence


def questions_of(plan: Plan | None) -> list[PlanRow]:
    """What a plan asks about listings that are, or were, ours; none without a plan."""
    if plan is None:
        return []
    return list(rows_for(plan, ASK, (EDITED_IN_VK, DELETED_IN_VK)))


def answer_edited(user_id: int, asked: list[Item], owner: str) -> None:
    """Give the fields that were asked about to the till or to VK. Commits."""
    fields = {
        item.entry.listing_id: [change.field for change in item.changes] for item in asked if item.entry
    }
    give_fields(user_id, fields, owner)
    note_new_plan(user_id)
    db.session.commit()


def answer_deleted_again(user_id: int, asked: list[Item]) -> None:
    """Let what was deleted in VK be published anew, with the next plan. Commits."""
    publish_again(user_id, [item.entry.listing_id for item in asked if item.entry])
    note_new_plan(user_id)
    db.session.commit()


def answer_deleted_never(user_id: int, asked: list[Item]) -> RuleChange | None:
    """Exclude what was deleted in VK by rules, as one step of the history. Commits."""
    goods = [good for item in asked if item.want for good in item.want.goods]
    if not goods:
        return None
    targets = [
        (Target(PRODUCT, good.product_id, good.store_id, good.name, good.group_id), EXCLUDE) for good in goods
    ]
    if len(goods) == 1:
        title = Sentence("Удалено во ВКонтакте: «%(name)s»", name=quoted(goods[0].name))
    else:
        title = Sentence("Удалено во ВКонтакте, товаров: %(count)s", count=len(goods))
    change = change_at_once(user_id, BULK, title, targets=targets)
    db.session.commit()
    return change
