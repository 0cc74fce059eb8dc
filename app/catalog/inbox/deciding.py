"""What is decided about new goods: about one, about those ticked, or about all that were listed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from flask_babel import gettext
from sqlalchemy import ColumnElement, Select, literal, select, update

from app.catalog.deciding.click import Entity, filter_entity
from app.catalog.inbox.address import read_inbox, select_listed
from app.catalog.lists.address import ListQuery
from app.data.db import db
from app.data.types import now
from app.mirror.models import CachedProduct, NewProduct
from app.rules.changes.apply import undo
from app.rules.changes.conditions import Condition, finds
from app.rules.changes.one import hold_rules
from app.rules.changes.plan import BULK, CLICK, own_change, plan
from app.rules.decide import MODES, PRODUCT
from app.rules.models import RuleChange
from app.rules.notices import NOTHING_TO_UNDO
from app.rules.read import find_rule
from app.web.formatting import quoted
from app.words import Sentence, join_sentences

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


def answer_one(user_id: int, number: int, answer: str, step: int | None = None) -> Answered | None:
    """Decide about one new good, by the key of its row; None when the owner has no such new good. Commits.

    `step` is the click that BACK takes back; a rule that was put on the good otherwise stays.
    """
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
    name = quoted(found.name)
    if answer == LEAVE:
        db.session.commit()
        return Answered(number, answer, gettext("«%(name)s»: решают правила", name=name))
    if answer == BACK:
        undone = _undo_click(user_id, step) if step else None
        is_new = find_rule(user_id, PRODUCT, found.evotor_id, found.store_evotor_id) is None
        db.session.commit()
        back = gettext("«%(name)s»: снова среди новых", name=name)
        return Answered(number, answer, back if is_new else gettext(NOTHING_TO_UNDO), undone)
    entity = Entity(PRODUCT, found.store_evotor_id, found.evotor_id)
    filtered = filter_entity(user_id, entity, answer, is_inside_group=False)
    return Answered(number, answer, filtered.sentence, filtered.change) if filtered else None


def _undo_click(user_id: int, step: int) -> RuleChange | None:
    change = own_change(user_id, step)
    return undo(change) if change and change.kind == CLICK and change.applied_at else None


class Meant(NamedTuple):
    """Which goods of the list at `query` are meant: the `ticked` keys, or (None) all up to the key `until`.

    Those that came since the list was looked at are not.
    """

    query: ListQuery
    until: int
    ticked: list[int] | None = None

    def select(self, user_id: int) -> Select[Any]:
        """Them, as `select_new` gives them."""
        listed = select_listed(user_id, self.query)
        is_meant = (
            _new.c.product_id <= self.until if self.ticked is None else _new.c.product_id.in_(self.ticked)
        )
        return listed.where(is_meant)


def plan_many(user_id: int, mode: str, meant: Meant) -> RuleChange:
    """Plan a rule for each good that is meant. No commit."""
    arguments = {
        "mode": mode,
        "until": meant.until,
        "ticked": meant.ticked,
        "list": dict(meant.query.hidden_fields()),
    }
    return plan(user_id, BULK, _title(meant), condition=Condition(_OF_NEW, arguments))


def _title(meant: Meant) -> Sentence:
    query, is_all = meant.query, meant.ticked is None
    parts = [
        Sentence("Все новые товары") if is_all else Sentence("Отмеченные новые товары"),
        Sentence("поиск «%(words)s»", words=quoted(query.q)) if query.q else "",
        Sentence("группа «%(name)s»", name=quoted(query.of_group)) if query.of_group else "",
        Sentence("без группы") if query.grouped else "",
    ]
    return join_sentences(", ", parts)


@finds(_OF_NEW)
def rules_of_new(user_id: int, arguments: Mapping[str, Any]) -> Select[Any]:
    """The rules of a plan over new goods, as `app.rules.changes.conditions` wants them."""
    query = read_inbox(arguments.get("list", {}))
    return (
        Meant(query, arguments["until"], arguments.get("ticked"))
        .select(user_id)
        .with_only_columns(
            literal(PRODUCT).label("entity_type"),
            _goods.store_evotor_id,
            _goods.evotor_id.label("entity_id"),
            _goods.name.label("entity_name"),
            _goods.group_evotor_id.label("parent_entity_id"),
            literal(arguments["mode"]).label("mode"),
        )
    )


def leave_many(user_id: int, meant: Meant) -> tuple[int, datetime]:
    """Leave each good that is meant to the rules: how many, and the moment to bring them back by. Commits."""
    moment = now()
    return _note(user_id, _is_meant(user_id, meant), moment), moment


def bring_back(user_id: int, meant: Meant) -> int:
    """Let goods that were left to the rules be new again; give how many. Commits."""
    return _note(user_id, _is_meant(user_id, meant), None)


def take_back(user_id: int, moment: datetime) -> int:
    """Take back what `leave_many` did at a moment; give how many. Commits."""
    return _note(user_id, _new.c.left_at == moment, None)


def _is_meant(user_id: int, meant: Meant) -> ColumnElement[bool]:
    # By their keys: an UPDATE of PostgreSQL and of SQLite does not say the same of a join.
    return _new.c.product_id.in_(meant.select(user_id).with_only_columns(_new.c.product_id))


def _note(user_id: int, is_meant: ColumnElement[bool], left_at: datetime | None) -> int:
    hold_rules(user_id)
    noted = update(_new).where(_new.c.user_id == user_id, is_meant).values(left_at=left_at)
    done = db.session.execute(noted.execution_options(preserve_rowcount=True))
    db.session.commit()
    return done.rowcount  # type: ignore[attr-defined]
