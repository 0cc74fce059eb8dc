"""What a page says after a change that led to it, with the way back."""

from flask import flash
from flask_babel import gettext

from app.rules.changes.plan import CONDITIONS, REVERT, SWITCH, title_of
from app.rules.models import RuleChange
from app.rules.words import SWITCHED, effect_sentence, moves_of, rules, undone_sentence
from app.web.language import translated
from app.words import gettext_noop

NOTHING_TO_UNDO = gettext_noop(
    "Отменять нечего: это уже отменено или с тех пор решено иначе. Что было, видно в истории."
)
TOO_OLD = gettext_noop(
    "Отменить это изменение уже нельзя: оно слишком старое, и какие правила оно меняло, история не хранит."
)

_LEFT = gettext_noop(
    "Оставлено как есть: %(rules)s — с тех пор решено отдельно, или в списке такого больше нет."
)


def say(sentence: str) -> None:
    """Say `sentence` on the next page."""
    flash(sentence, "info")


def say_undoable(
    sentence: str, change: RuleChange | None, next_url: str = "", *, is_way_back: bool = False
) -> None:
    """Say `sentence` on the next page, and offer to take the change back, which then leads to `next_url`.

    `is_way_back`: it took back another one, so that the key for the newest change leaves it alone.
    """
    undo = {"undo_change": change.id if change else None, "next_url": next_url, "is_way_back": is_way_back}
    flash({"text": sentence, **undo}, "success")  # type: ignore[arg-type]


def say_returnable(sentence: str, url: str, fields: dict[str, str]) -> None:
    """Say `sentence` on the next page, and offer to take back by a form what is no change of rules."""
    flash({"text": sentence, "back_url": url, "fields": fields}, "success")  # type: ignore[arg-type]


def say_changed(change: RuleChange, next_url: str = "", *, left: int = 0) -> None:
    """Say on the next page what `change` did, and offer to take it back, which then leads to `next_url`.

    left: how many of the rules that were planned it has left as they are.
    """
    if change.kind == REVERT:
        return say_undone(change, next_url)
    if change.kind == SWITCH and change.enabled_after is not None:
        text = gettext(SWITCHED[change.enabled_after])
    else:
        # What becomes of conditions is said in full by the lines; before them the title would say it twice.
        title = "" if change.kind == CONDITIONS else f"{translated(title_of(change))}: "
        text = f"{title}{'; '.join(moves_of(change))}. {effect_sentence(change)}."
    if left > 0:
        text = f"{text} {gettext(_LEFT, rules=rules(left))}"
    return say_undoable(text, change, next_url)


def say_undone(change: RuleChange, next_url: str = "") -> None:
    """Say on the next page what taking a change back did; that can be taken back in turn."""
    say_undoable(f"{undone_sentence(change)}.", change, next_url, is_way_back=True)
