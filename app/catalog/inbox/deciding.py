"""What is decided about new goods: about one, or about all that were listed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, literal, select, update

from app.catalog.deciding.click import Entity, filter_entity
from app.data.db import db
from app.data.types import now
from app.mirror.models import CachedProduct, NewProduct
from app.rules.changes.conditions import Condition, finds
from app.rules.changes.one import hold_rules
from app.rules.changes.plan import BULK, plan
from app.rules.decide import MODES, PRODUCT
from app.rules.models import RuleChange
from app.rules.new_goods import select_new
from app.web.formatting import quoted

# Beside the modes of a rule: the good is left to the rules that there are, or comes back among the new.
LEAVE, BACK = "leave", "back"
ANSWERS = (*MODES, LEAVE, BACK)

_OF_NEW = "new goods"
_goods = CachedProduct.__table__.c
_new = NewProduct.__table__


class Answered(NamedTuple):
    """What an answer did, in a sentence; `change` is its step in the history, None where no rule changed."""

    number: int
    answer: str
    sentence: str
    change: RuleChange | None = None


def answer_one(user_id: int, number: int, answer: str) -> Answered | None:
    """Decide about one new good, by the key of its row; None when the owner has no such new good. Commits."""
    found = db.session.execute(
        select(_goods.store_evotor_id, _goods.evotor_id, _goods.name)
        .join(_new, _new.c.product_id == _goods.id)
        .where(_new.c.user_id == user_id, _goods.user_id == user_id, _goods.id == number)
    ).first()
    if found is None:
        return None
    # Whether it is published may hang on this: what publishes by itself looks at the plan again.
    hold_rules(user_id)
    is_it = _new.c.user_id == user_id, _new.c.product_id == number
    db.session.execute(update(_new).where(*is_it).values(left_at=now() if answer == LEAVE else None))
    name = f"«{quoted(found.name)}»"
    if answer == LEAVE:
        db.session.commit()
        return Answered(number, answer, f"{name}: решают правила")
    mode = answer if answer in MODES else None
    entity = Entity(PRODUCT, found.store_evotor_id, found.evotor_id)
    filtered = filter_entity(user_id, entity, mode, is_inside_group=False)
    if filtered is None:
        return None
    sentence = filtered.sentence if mode else f"{name}: снова среди новых"
    return Answered(number, answer, sentence, filtered.change)


def plan_all(user_id: int, mode: str, until: int) -> RuleChange:
    """Plan a rule for each new good up to the key `until`: those that came since are not meant. No commit."""
    condition = Condition(_OF_NEW, {"mode": mode, "until": until})
    return plan(user_id, BULK, "Все новые товары", condition=condition)


@finds(_OF_NEW)
def rules_of_new(user_id: int, arguments: Mapping[str, Any]) -> Select[Any]:
    """The rules of a plan over new goods, as `app.rules.changes.conditions` wants them."""
    return (
        select_new(user_id)
        .where(_new.c.product_id <= arguments["until"])
        .with_only_columns(
            literal(PRODUCT).label("entity_type"),
            _goods.store_evotor_id,
            _goods.evotor_id.label("entity_id"),
            _goods.name.label("entity_name"),
            _goods.group_evotor_id.label("parent_entity_id"),
            literal(arguments["mode"]).label("mode"),
        )
    )


def leave_all(user_id: int, until: int) -> tuple[int, datetime]:
    """Leave each new good up to the key `until` as it is: how many, and the moment to bring them back by."""
    hold_rules(user_id)
    moment = now()
    # By their keys: an UPDATE of PostgreSQL and of SQLite does not say the same of a join.
    meant = select_new(user_id).where(_new.c.product_id <= until).with_only_columns(_new.c.product_id)
    left = update(_new).where(_new.c.user_id == user_id, _new.c.product_id.in_(meant)).values(left_at=moment)
    done = db.session.execute(left.execution_options(preserve_rowcount=True))
    db.session.commit()
    return done.rowcount, moment  # type: ignore[attr-defined]


def bring_back(user_id: int, moment: datetime | None = None) -> int:
    """Take back what `leave_all` did at `moment`, or every good that was left as it is; give how many."""
    hold_rules(user_id)
    is_left = _new.c.left_at.is_not(None) if moment is None else _new.c.left_at == moment
    back = update(_new).where(_new.c.user_id == user_id, is_left).values(left_at=None)
    done = db.session.execute(back.execution_options(preserve_rowcount=True))
    db.session.commit()
    return done.rowcount  # type: ignore[attr-defined]
