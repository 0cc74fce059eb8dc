"""Run one call of a method by its name: its right, its faults, the log; the same alone and in an execute."""

from typing import Any

from sandbox.vk.albums import METHODS as ALBUMS
from sandbox.vk.calls import CallMade, now
from sandbox.vk.categories import METHODS as CATEGORIES
from sandbox.vk.faults import ERROR, SHAPES, TRANSPORT
from sandbox.vk.items_read import METHODS as READING
from sandbox.vk.items_written import METHODS as WRITING
from sandbox.vk.method import Call, Method
from sandbox.vk.people_methods import METHODS as PEOPLE
from sandbox.vk.photos import METHODS as PHOTOS
from sandbox.vk.refused import Refused
from sandbox.vk.spoiling import bent, escaped, reshaped, struck

METHODS: dict[str, Method] = {**PEOPLE, **CATEGORIES, **READING, **WRITING, **ALBUMS, **PHOTOS}
STRIKING = (ERROR, *TRANSPORT)


def run_method(call: Call) -> Any:
    """Return what the method answers; Refused or Spoiled when it does not, or a fault strikes."""
    arrived, error = now(), None
    method = METHODS.get(call.method)
    try:
        with call.vk.lock:
            return _answer(call, method)
    except Refused as refused:
        error = refused.code
        raise
    finally:
        writes = bool(method and method.writes)
        person_id = call.grant.person.id if call.grant else None
        call.vk.calls.add(CallMade(arrived, call.method, person_id, call.inside, writes, error))


def _answer(call: Call, method: Method | None) -> Any:
    fault = call.vk.faults.take(STRIKING, call.method, call.inside)
    if fault and not fault.done:
        raise struck(fault)
    if method is None:
        raise Refused(3)
    _check_right(call, method)
    shape = call.vk.faults.take(SHAPES, call.method, call.inside)
    answer = method.run(bent(call, shape))
    if fault:
        raise struck(fault, {"response": answer})
    if shape:
        answer = reshaped(answer, shape)
    return escaped(answer) if call.vk.habits.escapes_texts else answer


def _check_right(call: Call, method: Method) -> None:
    unknown = call.params.keys() - method.parameters
    call.vk.calls.unknown_parameters.update((call.method, name) for name in unknown)
    if call.grant is None:
        if not method.with_community_token:
            raise Refused(27)
    elif method.scope is not None and method.scope not in call.grant.scope:
        raise Refused(15, "no access to call this method")
