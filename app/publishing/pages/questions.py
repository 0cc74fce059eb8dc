"""The owner's answers: whose value stays, and whether what was deleted in VK comes back."""

from flask import Blueprint, abort, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user, login_required
from flask_wtf import FlaskForm
from wtforms import BooleanField, StringField
from wtforms.validators import AnyOf, NumberRange, Optional

from app.connections.may_publish import may_publish
from app.publishing.current import usable_plan
from app.publishing.ledger.answers import is_own
from app.publishing.pages.questions_view import asked_in, questions_fragment, questions_view, source_of
from app.publishing.pages.words import STALE_LINK
from app.publishing.planning.reasons import DELETED_IN_VK, EDITED_IN_VK, Reason
from app.publishing.planning.rows import PlanRow
from app.publishing.planning.settings import TILL, VK
from app.publishing.questions import answer_deleted_again, answer_deleted_never, answer_edited, questions_of
from app.rules.models import RuleChange
from app.rules.notices import say, say_undoable
from app.rules.words import effect_sentence
from app.web.error_pages import bad_request
from app.web.formatting import plural
from app.web.htmx import wants_fragment
from app.web.keys import LARGEST_KEY
from app.web.shown import CHANGED, is_as_seen
from app.web.whole_field import WholeField
from app.words import gettext_noop

questions = Blueprint("questions", __name__, url_prefix="/questions")

AGAIN, NEVER = "again", "never"
_SETTLED = gettext_noop("Этот вопрос уже решён.")


class _Answer(FlaskForm):
    """About one listing, or about all that the same is asked of."""

    all = BooleanField()
    # Of all that the page asked about.
    seen = StringField()
    listing_id = WholeField(validators=[Optional(), NumberRange(1, LARGEST_KEY)])

    @property
    def about(self) -> int | None:
        """The listing, None for all."""
        return None if self.all.data else self.listing_id.data or 0


class EditedAnswer(_Answer):
    answer = StringField(validators=[AnyOf((TILL, VK))])


class DeletedAnswer(_Answer):
    answer = StringField(validators=[AnyOf((AGAIN, NEVER))])


@questions.post("/edited")
@login_required
def edited() -> ResponseReturnValue:
    """Take the till's values, or leave those of VK."""
    form = EditedAnswer()
    if not form.validate():
        return bad_request(gettext(STALE_LINK))
    asked = _asked(EDITED_IN_VK, form)
    if (why_not := _why_not(form, asked)) is not None:
        return _shown(why_not)
    source = source_of(asked)
    answer_edited(current_user.id, [row.item for row in asked], form.answer.data or VK)
    goods = plural(len(asked), "товара", "товаров", "товаров")
    if form.answer.data == TILL:
        taken_from = gettext(source.taken_from)
        return _shown(
            gettext("Для %(goods)s возьмём значения %(source)s: они в плане.", goods=goods, source=taken_from)
        )
    return _shown(gettext("Для %(goods)s оставим как во ВКонтакте.", goods=goods))


@questions.post("/deleted")
@login_required
def deleted() -> ResponseReturnValue:
    """Publish anew what was deleted in VK, or publish it no more."""
    form = DeletedAnswer()
    if not form.validate():
        return bad_request(gettext(STALE_LINK))
    asked = _asked(DELETED_IN_VK, form)
    if (why_not := _why_not(form, asked)) is not None:
        return _shown(why_not)
    if form.answer.data == AGAIN:
        answer_deleted_again(current_user.id, [row.item for row in asked])
        goods = plural(len(asked), "товар добавится", "товара добавятся", "товаров добавятся")
        return _shown(gettext("Снова %(goods)s: они в плане.", goods=goods))
    change = answer_deleted_never(current_user.id, [row.item for row in asked])
    if change is None:
        return _shown(gettext(_SETTLED))
    return _shown(gettext("Больше не публикуем. %(effect)s.", effect=effect_sentence(change)), change)


def _why_not(form: _Answer, asked: list[PlanRow]) -> str | None:
    """Why an answer is not about what its page has shown; None when it is."""
    if not asked:
        return gettext(_SETTLED)
    is_seen = not form.all.data or is_as_seen(form.seen.data, map(asked_in, asked))
    return None if is_seen else gettext(CHANGED)


def _asked(reason: Reason, form: _Answer) -> list[PlanRow]:
    if form.about is not None and not is_own(current_user.id, form.about):
        abort(404)
    community = may_publish(current_user.id).community
    rows = questions_of(usable_plan(current_user.id, community.id)) if community else []
    return [
        row
        for row in rows
        if row.reason == reason and row.item.entry and form.about in (None, row.item.entry.listing_id)
    ]


def _shown(said: str, change: RuleChange | None = None) -> ResponseReturnValue:
    if wants_fragment():
        community = may_publish(current_user.id).community
        plan = usable_plan(current_user.id, community.id) if community else None
        return questions_fragment(questions_view(plan, community.id if community else 0, said, change))
    if change is None:
        say(said)
    else:
        say_undoable(said, change)
    return redirect(url_for("sync.listings.show", _anchor="questions"), 303)
