"""The start of a run by its owner's hand: what has to be so before anything may be sent."""

from flask_babel import gettext

from app.connections.may_publish import may_publish
from app.publishing.current import current_plan
from app.publishing.pages.words import said_of
from app.publishing.planning.good import Good
from app.publishing.planning.plan import BLOCKED, Plan
from app.publishing.planning.templates import TemplateError
from app.publishing.run.models import Publication
from app.publishing.run.requests import publish
from app.publishing.seen_good import is_good_as_seen
from app.publishing.settings.read import settings_row
from app.rules.read import present_config
from app.web.language import translated
from app.words import gettext_noop

CHANGED = gettext_noop(
    "План изменился, пока вы на него смотрели. Проверьте его ещё раз: вот как он выглядит сейчас."
)
UNCONFIRMED = gettext_noop("Отметьте, что проверили это, и нажмите «Опубликовать» ещё раз.")
UNANSWERED = gettext_noop("Сначала ответьте на четыре вопроса: без них не понять, что отправлять.")
SWITCHED_OFF = gettext_noop(
    "Публикация выключена, поэтому ничего не отправлено. Включите её и опубликуйте ещё раз."
)
ANOTHER_COMMUNITY = gettext_noop(
    "Пока страница была открыта, вы выбрали другое сообщество, поэтому ничего не отправлено. "
    "Вот план для того, что выбрано сейчас."
)
CHANGED_GOOD = gettext_noop(
    "Товар изменился, пока вы на него смотрели, поэтому ничего не отправлено. "
    "Откройте его ещё раз и проверьте."
)
NOTHING = gettext_noop("Публиковать нечего: в сообществе всё так, как решено.")
NOTHING_READY = gettext_noop("Готовых товаров пока нет. Ниже видно, чего им не хватает.")
ANOTHER_WAITS = gettext_noop(
    "Прежняя публикация ещё не закончена, поэтому эта не началась. Продолжите или остановите прежнюю: "
    "она на вкладке «История»."
)
SAME = gettext_noop("Этот товар уже в сообществе такой, как в кассе, или его исключает правило.")


class NotStarted(Exception):
    """Nothing was sent; `sentence` says why and what to do. `has_changed`: the plan is not the one seen."""

    def __init__(self, sentence: str, *, has_changed: bool = False) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.has_changed = has_changed


class Unconfirmed(NotStarted):
    """The plan waits for a tick that was not made."""


def start_all(user_id: int, seen: str | None, *, is_confirmed: bool) -> Publication:
    """Start a run of the plan whose digest the owner has `seen`. Commits. Raises NotStarted."""
    community_id = _community_of(user_id)
    plan = _plan(user_id, community_id)
    if seen != plan.digest:
        raise NotStarted(gettext(CHANGED), has_changed=True)
    if not plan.has_work:
        raise NotStarted(gettext(NOTHING))
    if plan.is_held and not is_confirmed:
        raise Unconfirmed(gettext(UNCONFIRMED))
    run = publish(user_id, community_id, plan)
    if run.is_active and not run.sends_whole_plan:
        raise NotStarted(gettext(ANOTHER_WAITS))
    return run


def start_one(
    user_id: int, good: Good, seen_community: str | None = None, seen: str | None = None
) -> Publication:
    """Start a run of one good, whatever the rest of the plan is. Commits. Raises NotStarted.

    seen_community: the id of the one that the page was about; seen: the mark of what it showed of the good.
    """
    key = good.key
    community_id = _community_of(user_id, seen_community)
    if seen and not is_good_as_seen(user_id, good, seen):
        raise NotStarted(gettext(CHANGED_GOOD), has_changed=True)
    plan = _plan(user_id, community_id).only(key)
    if not any(True for _ in plan.now()):
        raise NotStarted(_why_not(plan))
    return publish(user_id, community_id, plan, only=key)


def start_first(user_id: int, seen_community: str | None = None) -> Publication:
    """Start a run of the first good that would be added, to see how it looks; as `start_one`."""
    community_id = _community_of(user_id, seen_community)
    plan = _plan(user_id, community_id)
    first = next(plan.now(), None)
    if first is None:
        raise NotStarted(gettext(NOTHING_READY if plan.counts[BLOCKED] else NOTHING))
    return publish(user_id, community_id, plan.only(first.key), only=first.key)


def _community_of(user_id: int, seen: str | None = None) -> int:
    community, problem = may_publish(user_id)
    if problem is not None:
        raise NotStarted(f"{problem.sentence}.")
    row = settings_row(user_id)
    if row is None or row.configured_at is None:
        raise NotStarted(gettext(UNANSWERED))
    if not present_config(user_id).is_enabled:
        raise NotStarted(gettext(SWITCHED_OFF))
    if community is None:
        raise NotStarted(gettext("Сначала выберите сообщество."))
    if seen and seen != str(community.id):
        raise NotStarted(gettext(ANOTHER_COMMUNITY), has_changed=True)
    return community.id


def _plan(user_id: int, community_id: int) -> Plan:
    try:
        return current_plan(user_id, community_id)
    except TemplateError as error:
        raise NotStarted(f"{translated(error.sentence)}.") from error


def _why_not(plan: Plan) -> str:
    reasons = (item.reason or plan.waiting.get(item.key) for found in plan.items.values() for item in found)
    reason = next((each for each in reasons if each), None)
    if reason is None:
        return gettext(SAME)
    return gettext("Этот товар сейчас не отправить. %(reason)s", reason=said_of(reason))
