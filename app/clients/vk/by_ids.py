"""Ask for things by their ids, also where VK refuses a whole call for one id that it cannot read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from app.clients.errors import CloudError
from app.clients.vk.batch import Outcome, run_batch, split, value_of
from app.clients.vk.call import Call
from app.clients.vk.fields import ID_END
from app.clients.vk.meanings import Meaning
from app.clients.vk.session import VkSession

T = TypeVar("T")

# VK understands this one, whether it has it or not.
ANY_ID = 1
REFUSED_AT_MOST = 50


def ask_by_ids(
    session: VkSession, ids: Sequence[int], size: int, asking: Callable[[Sequence[int]], Call[T]]
) -> Iterator[T]:
    """Yield what VK answers about `ids`, up to `size` of them a call; it says nothing of what it has not.

    What it refuses as a whole is asked for in halves, until the id is found that it does not understand.
    Raises the refusal where it refuses very much, or even an id that is certainly good.
    """
    possible = [each for each in ids if 0 < each < ID_END]
    parts: list[Sequence[int]] = [possible[first : first + size] for first in range(0, len(possible), size)]
    is_any_good = False
    while parts:
        refused: list[tuple[Sequence[int], CloudError]] = []
        calls = list(map(asking, parts))
        outcomes = (each for batch in split(calls) for each in run_batch(session, batch).outcomes)
        for part, outcome in zip(parts, outcomes, strict=True):
            if (error := _refusal(outcome)) is not None:
                refused.append((part, error))
            else:
                yield value_of(session, outcome)
                is_any_good = True
        if len(refused) > REFUSED_AT_MOST:
            raise refused[0][1]
        if not is_any_good and any(len(part) == 1 for part, _ in refused):
            session.ask(asking([ANY_ID]))
        # Those that were alone are known now: VK cannot have them.
        parts = [half for part, _ in refused for half in _halves(part)]


def _refusal(outcome: Outcome[T]) -> CloudError | None:
    error = outcome.error
    return error if error is not None and error.meaning is Meaning.BAD_PARAMETER else None


def _halves(part: Sequence[int]) -> tuple[Sequence[int], ...]:
    middle = len(part) // 2
    return (part[:middle], part[middle:]) if middle else ()
