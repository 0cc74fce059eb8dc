"""Many calls in one: `execute` takes 25 of them and answers each apart."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, Generic, NamedTuple, TypeVar

import msgspec

from app.clients.errors import Action, BadPayload, CloudError, Unavailable, UnknownOutcome
from app.clients.vk.answer import EXECUTE, Answered, Failure, decode, refusal
from app.clients.vk.call import Call
from app.clients.vk.session import VkSession

T = TypeVar("T")

CALLS = 25
# VK names no limit of the code's length; this much is known to be taken.
CODE_BYTES = 60_000
METHOD = re.compile(r"[a-z]+\.[A-Za-z]+")
# What is refused for one of these reasons is refused to every call after it as well.
STOPPING = frozenset({Action.SLOW_DOWN, Action.REFRESH_TOKEN, Action.PAUSE, Action.ASK_OWNER, Action.STOP})
_COMPILE = 12
_ESCAPES = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}


class Outcome(NamedTuple, Generic[T]):
    """What became of one call: its `value`, or the `error`; UnknownOutcome when nobody knows.

    may_be_done: VK may have done it for all that, since it answered for the request alone, or not at all.
    """

    call: Call[T]
    value: T | None = None
    error: CloudError | None = None
    may_be_done: bool = False


class Batch(NamedTuple, Generic[T]):
    """What became of a batch, in its order; `stop` is why no further call can succeed now, if so."""

    outcomes: list[Outcome[T]]
    stop: CloudError | None = None


def split(calls: Iterable[Call[T]]) -> Iterator[list[Call[T]]]:
    """Cut calls into batches that VK takes: 25 of them, and no more code than is known to work."""
    batch: list[Call[T]] = []
    size = 0
    for call in calls:
        length = len(_line(call).encode())
        if batch and (len(batch) == CALLS or size + length > CODE_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(call)
        size += length
    if batch:
        yield batch


def run_batch(session: VkSession, calls: Sequence[Call[T]]) -> Batch[T]:
    """Make the calls of one batch, in their order, in one request; all of them read, or all write.

    Writing ones are sent once. Raises UnknownOutcome when nobody knows which of them have been done, and any
    other CloudError when VK says that none has been: see `refused`. What VK finds too heavy is asked for in
    halves, but of writing calls only what it could not even compile, since it may have stopped in the middle
    of anything else.
    """
    writes = calls[0].writes
    if any(call.writes != writes for call in calls):
        raise ValueError("a batch either reads or writes")
    if len(calls) == 1:
        return _alone(session, calls[0])
    try:
        answered = session.answer(EXECUTE, {"code": code_of(calls)}, writes=writes)
    except BadPayload:
        # Too long an answer looks like this; whatever it was, less is easier to read.
        if writes:
            raise
        return _in_halves(session, calls)
    if not answered.error:
        return _paired(calls, answered)
    if answered.error.action is not Action.SMALLER_BATCH:
        raise answered.error
    if writes and answered.error.code != _COMPILE:
        raise UnknownOutcome(answered.error.detail, status=answered.error.status) from answered.error
    return _in_halves(session, calls)


def refused(calls: Iterable[Call[T]], error: CloudError) -> Batch[T]:
    """What became of the calls of a request that failed as a whole.

    A refusal is no proof: VK may have begun before it found a reason. Only what it never got it has not done.
    """
    may_be_done = not isinstance(error, Unavailable) or error.is_sent
    return Batch([Outcome(call, error=error, may_be_done=may_be_done) for call in calls], error)


def value_of(session: VkSession, outcome: Outcome[T]) -> T:
    """Return what a reading call of a batch gave, asking once more where that helps, or raise its error."""
    if outcome.error and outcome.error.action in (Action.RETRY, Action.SLOW_DOWN):
        # The rest of the batch is good: only this call is made again, now with tries of its own.
        return session.ask(outcome.call)
    if outcome.error:
        raise outcome.error
    assert outcome.value is not None  # noqa: S101 (a call that reads has no other way to end)
    return outcome.value


def code_of(calls: Sequence[Call[Any]]) -> str:
    """Write the VKScript that makes the calls and returns their results as a list."""
    return f"return [{','.join(map(_line, calls))}];"


def _line(call: Call[Any]) -> str:
    if not METHOD.fullmatch(call.method):
        raise ValueError(f"no method of VK: {call.method}")
    return f"API.{call.method}({json.dumps(call.params, ensure_ascii=False).translate(_ESCAPES)})"


def _alone(session: VkSession, call: Call[T]) -> Batch[T]:
    try:
        return Batch([Outcome(call, session.ask(call))])
    except CloudError as error:
        if error.code is None or error.action in STOPPING:
            raise
        return Batch([Outcome(call, error=error)])


def _in_halves(session: VkSession, calls: Sequence[Call[T]]) -> Batch[T]:
    half = len(calls) // 2
    first = run_batch(session, calls[:half])
    if first.stop:
        unsent = [Outcome(call, error=first.stop) for call in calls[half:]]
        return Batch([*first.outcomes, *unsent], first.stop)
    try:
        second = run_batch(session, calls[half:])
    except CloudError as error:
        if not calls[0].writes:
            raise
        # The first half has been done, so that this is the story of the second one alone.
        second = refused(calls[half:], error)
    return Batch([*first.outcomes, *second.outcomes], second.stop)


def _paired(calls: Sequence[Call[T]], answered: Answered) -> Batch[T]:
    """Pair results with errors: the n-th call that failed with the n-th error, since those have no number."""
    writes = calls[0].writes
    try:
        pieces = [bytes(piece) for piece in _reader(len(calls))(answered.response)]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        lost = "execute: the results are not those of the calls"
        raise (UnknownOutcome if writes else BadPayload)(lost) from None
    failed = [number for number, piece in enumerate(pieces) if piece == b"false"]
    told = [each for each in answered.inside if each.method != EXECUTE]
    is_certain = len(failed) == len(told) and all(
        each.method in (None, calls[number].method) for number, each in zip(failed, told, strict=True)
    )
    errors: dict[int, CloudError] = {}
    if is_certain:
        errors = {
            number: refusal(calls[number].method, each, writes=writes)
            for number, each in zip(failed, told, strict=True)
        }
    outcomes = [
        _outcome(call, piece, errors.get(number))
        for number, (call, piece) in enumerate(zip(calls, pieces, strict=True))
    ]
    return Batch(outcomes, _reason_to_stop(told, writes))


def _outcome(call: Call[T], piece: bytes, error: CloudError | None) -> Outcome[T]:
    if error and error.meaning in call.done:
        return Outcome(call)
    if error:
        # Inside of a batch too, VK's own trouble leaves open what it did before.
        is_unknown = call.writes and error.action is Action.RETRY
        return _unknown(call, error) if is_unknown else Outcome(call, error=error)
    try:
        return Outcome(call, call.read(decode(call.method, piece)))
    except BadPayload as unread:
        return _unknown(call, unread) if call.writes else Outcome(call, error=unread)


def _unknown(call: Call[T], error: CloudError) -> Outcome[T]:
    return Outcome(call, error=UnknownOutcome(error.detail), may_be_done=True)


def _reason_to_stop(told: Iterable[Failure], writes: bool) -> CloudError | None:
    errors = (refusal(EXECUTE, each, writes=writes) for each in told)
    return next((error for error in errors if error.action in STOPPING), None)


@lru_cache(maxsize=CALLS)
def _reader(calls: int) -> Any:
    # A tuple of this very length: a list of any other is refused before it is built.
    return msgspec.json.Decoder(tuple[(msgspec.Raw,) * calls]).decode  # type: ignore[misc]
