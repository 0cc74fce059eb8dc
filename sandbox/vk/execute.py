"""The method execute: up to 25 calls of the API in one request."""

import json
from typing import Any

from sandbox.vk.dispatch import run_method
from sandbox.vk.method import Call
from sandbox.vk.refused import Refused
from sandbox.vk.script import BadScript, compile_script


def execute(call: Call) -> dict[str, Any]:
    """Run the code; return the whole answer: `response`, and `execute_errors` when calls in it failed.

    A failed call is false in the response, and an entry of the errors, in order of failing.
    """
    code = call.params.get("code", "")
    if not code.strip():
        call.wrong("code is undefined")
    if len(code) > call.vk.limits.execute_code:
        raise Refused(12, "code is too long")
    errors: list[dict[str, Any]] = []
    made = 0

    def call_api(method: str, params: dict[str, Any]) -> Any:
        nonlocal made
        made += 1
        if made > call.vk.limits.execute_calls:
            raise TooManyCalls
        inner = Call(call.vk, method, as_texts(params), call.grant, call.host, inside=True)
        try:
            return run_method(inner)
        except Refused as refused:
            errors.append({"method": method, "error_code": refused.code, "error_msg": refused.message})
            return False

    try:
        response = compile_script(code)(call.params, call_api)
    except BadScript as bad:
        raise Refused(12, str(bad)) from bad
    except TooManyCalls:
        # The calls before it were made, and their work stays.
        raise Refused(13, "Too many API calls") from None
    return {"response": response, **({"execute_errors": errors} if errors else {})}


class TooManyCalls(Exception):
    """The code asks the API once more than it may."""


def as_texts(params: dict[str, Any]) -> dict[str, str]:
    """Return parameters as the form of a request would carry them; null is not sent."""
    return {name: _as_text(value) for name, value in params.items() if value is not None}


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, list):
        return ",".join(map(_as_text, value))
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else str(value)
