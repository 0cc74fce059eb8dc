"""The way to the first good in VK, a step at a time, for whoever has not begun."""

from typing import NamedTuple

from flask_babel import gettext

from app.connections.problems import Kind, Problem
from app.web.addresses import url_for
from app.web.language import translated
from app.words import gettext_noop

# In the order in which they are taken; then come the first questions.
_BY_KIND = (Kind.NO_EVOTOR, Kind.NO_VK, Kind.NO_COMMUNITY)
_TITLES = (
    *(gettext_noop("Эвотор"), gettext_noop("ВКонтакте"), gettext_noop("Сообщество")),
    gettext_noop("Четыре вопроса и первый товар"),
)
DONE, NEXT, LATER = "done", "next", "later"


class Step(NamedTuple):
    """The step that is to be taken now: its place, counted from 1, the last one, and the link to it."""

    number: int
    last: int
    label: str
    url: str


class ListedStep(NamedTuple):
    """A step as the list of all shows it; `state` is DONE, NEXT or LATER."""

    title: str
    state: str


def next_step(problem: Problem | None) -> Step | None:
    """Give what comes next, the problem in the way being this; None when it is none of the beginning."""
    last = len(_TITLES)
    if problem is None:
        return Step(last, last, gettext("Ответить на четыре вопроса"), url_for("sync.settings.show"))
    if problem.kind in _BY_KIND and (button := problem.button):
        return Step(_BY_KIND.index(problem.kind) + 1, last, button.text, button.url)
    return None


def all_steps(step: Step) -> list[ListedStep]:
    """Give all the steps in their order, `step` being the next."""
    return [
        ListedStep(
            translated(title), DONE if number < step.number else NEXT if number == step.number else LATER
        )
        for number, title in enumerate(_TITLES, 1)
    ]
