"""Changes of the rules, planned: looked at without changing anything. Nothing here commits."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Select, delete, false, select

from app.data.db import db
from app.rules.changes import drafts
from app.rules.changes.conditions import Condition, finds
from app.rules.changes.items import (
    NAMED,
    add_items,
    compare,
    config_id_of,
    count_items,
    is_rule_of,
    items_of,
    measure_many,
)
from app.rules.changes.standing import decided_since, stands
from app.rules.criteria.criterion import MOST_CRITERIA
from app.rules.models import RuleChange, RuleChangeItem, SyncFilter
from app.rules.policy import Policy, carried_over, taken_back
from app.rules.read import Target, policy_of
from app.words import Sentence

CLICK = "click"
BULK = "bulk"
FILE = "file"
DEFAULT = "default"
SWITCH = "switch"
STALE = "stale"
CONDITIONS = "conditions"
REVERT = "revert"

_OF_CHANGE = "as before a change"
_LONGEST_TITLE = 300

_items = RuleChangeItem.__table__
_filters = SyncFilter.__table__


def plan(user_id: int, kind: str, title: str, **what: Any) -> RuleChange:
    """Write down what is to change, with the arguments of `begin`; rules that are so already are left out."""
    drafts.make_room(user_id, drafts.KEPT)
    change = begin(user_id, kind, title, **what)
    settle(change)
    return change


def begin(
    user_id: int,
    kind: str,
    title: str,
    *,
    targets: Iterable[tuple[Target, str | None]] = (),
    condition: Condition | None = None,
    default_mode: str | None = None,
    is_enabled: bool | None = None,
    policy: tuple[Policy, Policy] | None = None,
    undoes: int | None = None,
) -> RuleChange:
    """Begin a plan that is not compared with the rules yet.

    `targets` are single rules with their new modes, None to take a rule off; a `condition` finds them when
    the plan is looked at, and again when it is applied. `policy` is a policy as it was and as it becomes:
    what differs between them is carried over to the owner's, whatever that is by then. `undoes` is the key of
    the step that this is the way back from.
    """
    change = RuleChange(
        user_id=user_id,
        kind=kind,
        **titled(title),
        condition=condition._asdict() if condition else None,
        undoes=undoes,
        default_after=default_mode,
        enabled_after=is_enabled,
        policy_before=policy[0].stored if policy else None,
        policy_after=policy[1].stored if policy else None,
    )
    db.session.add(change)
    db.session.flush()
    measure_many(add_items(change, targets))
    return change


def settle(change: RuleChange) -> None:
    """Compare a plan with the rules as they are, and count what it would change."""
    if change.condition is None:
        compare(change)
    compare_policy(change, policy_of(change.user_id))
    count_moves(change)


def compare_policy(change: RuleChange, present: Policy) -> None:
    """Note what the change makes of the present policy; nothing, if it leaves that as it is."""
    if change.policy_after is None:
        return
    becomes = policy_after(change, present)
    change.policy_before = None if becomes == present else present.stored
    change.policy_after = None if becomes == present else becomes.stored


def policy_after(change: RuleChange, present: Policy) -> Policy:
    """The owner's policy as it will be after a change."""
    if change.policy_after is None:
        return present
    becomes = carried_over(present, Policy.of(change.policy_before), Policy.of(change.policy_after))
    # Plans that were made side by side must not end in more conditions than one alone may.
    return becomes if len(becomes.criteria) <= max(MOST_CRITERIA, len(present.criteria)) else present


def count_moves(change: RuleChange) -> None:
    """Count the rules of a change by what becomes of them."""
    change.moves = [move._asdict() for move in count_items(items_of(change)).moves]


def plan_revert(change: RuleChange) -> RuleChange:
    """Plan to put every rule of an applied change back to what it was before."""
    return plan(change.user_id, **way_back(change))


def way_back(change: RuleChange, *, as_left: bool = False) -> dict[str, Any]:
    """The way back from an applied change, as arguments of `plan`.

    as_left: what was decided since stays as it is, and what was taken back already; else that goes as well.
    A click is taken back by a click, as the button that stands beside its row does it.
    """
    is_click = change.kind == CLICK
    # Taking back and forth does not lengthen the title.
    keeps_title = is_click or change.kind == REVERT
    title = title_of(change)
    found = {"change_id": change.id} | ({"as_left": True} if as_left else {})
    return {
        "kind": CLICK if is_click else REVERT,
        "title": title if keeps_title else Sentence("Отмена: %(title)s", title=title),
        "condition": Condition(_OF_CHANGE, found) if change.moves else None,
        "undoes": change.id,
        **_settings_back(change, as_left=as_left),
    }


def _settings_back(change: RuleChange, *, as_left: bool) -> dict[str, Any]:
    """The default, the switch and the conditions before a change, None for what it leaves alone."""
    default, switch, policy = change.default_before, change.enabled_before, None
    before, after = Policy.of(change.policy_before), Policy.of(change.policy_after)
    if change.policy_after is not None:
        policy = after, before
    if as_left and (default, switch, policy) != (None, None, None):
        since = decided_since(change)
        default = None if "default_after" in since else default
        switch = None if "enabled_after" in since else switch
        if policy:
            present = policy_of(change.user_id)
            policy = present, taken_back(present, before, after, since=since)
    return {"default_mode": default, "is_enabled": switch, "policy": policy}


@finds(_OF_CHANGE)
def rules_before(user_id: int, arguments: Mapping[str, Any]) -> Select[Any]:
    """The rules of a change as they were before it; `as_left`: those alone that it still decides."""
    statement = (
        select(*(_items.c[name] for name in NAMED), _items.c.mode_before.label("mode"))
        .join(RuleChange, RuleChange.id == _items.c.change_id)
        .where(RuleChange.user_id == user_id, RuleChange.id == arguments["change_id"])
    )
    change = own_change(user_id, arguments["change_id"])
    if change is None or change.is_too_old:
        return statement.where(false())
    if not arguments.get("as_left"):
        return statement
    present = _filters.c.filter_mode
    return statement.outerjoin(_filters, is_rule_of(config_id_of(user_id), _items)).where(
        present.is_not_distinct_from(_items.c.mode_after), stands(change)
    )


def is_empty(change: RuleChange) -> bool:
    """Tell whether a change would leave everything as it is."""
    settings = (change.default_after, change.enabled_after, change.policy_after)
    return not change.moves and all(after is None for after in settings)


def touches_goods(change: RuleChange) -> bool:
    """Tell whether a change can make goods appear or disappear."""
    return bool(change.moves) or change.default_after is not None or change.policy_after is not None


def discard(change: RuleChange) -> None:
    """Forget a plan."""
    db.session.execute(delete(_items).where(_items.c.change_id == change.id))
    db.session.delete(change)


def discard_unapplied(change: RuleChange) -> None:
    """Forget a plan unless another request applies it at this moment: then it is a step of the history."""
    is_plan = RuleChange.id == change.id, RuleChange.applied_at.is_(None)
    # First the change, which an apply holds until its end; what it has written down goes with it.
    db.session.execute(delete(RuleChange).where(*is_plan).execution_options(synchronize_session=False))


def own_change(user_id: int, change_id: int) -> RuleChange | None:
    """Find a change of this owner."""
    return db.session.scalar(select(RuleChange).filter_by(user_id=user_id, id=change_id))


def titled(title: str) -> dict[str, Any]:
    """A title as columns of a change: cut to what fits, and whole where it can be said in any language."""
    short = title if len(title) <= _LONGEST_TITLE else title[: _LONGEST_TITLE - 1] + "…"
    return {"title": str(short), "said": title.stored if isinstance(title, Sentence) else None}


def title_of(change: RuleChange) -> str:
    """What a change is called, to be shown by `translated`."""
    return Sentence.restored(change.said) if change.said else change.title
