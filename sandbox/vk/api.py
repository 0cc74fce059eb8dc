"""The VK API over HTTP: one address for each method; errors come with HTTP 200, as there."""

import re
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, request

from sandbox.vk.calls import CallMade, now
from sandbox.vk.dispatch import STRIKING, run_method
from sandbox.vk.execute import execute
from sandbox.vk.grants import Grant
from sandbox.vk.method import EXECUTE, Call
from sandbox.vk.refused import Refused
from sandbox.vk.spoiling import Spoiled, spoiled_response, struck
from sandbox.vk.trouble import begin, record, transport_trouble
from sandbox.vk.world import VkWorld

blueprint = Blueprint("vk_api", __name__)
blueprint.before_request(begin)
blueprint.after_request(record)

VERSION = re.compile(r"5\.[0-9]{1,3}")
CODES = {"internal": 10, "too_often": 6, "flood": 9, "captcha": 14}


@blueprint.post("/method/<name>")
def call(name: str) -> Response:
    """Run one method."""
    arrived, grant = now(), None
    try:
        if spoiled := transport_trouble():
            _note(name, arrived, grant, None)
            return spoiled
        try:
            grant = _grant()
            _check_use(grant)
        except Refused as refused:
            _note(name, arrived, grant, refused.code)
            raise
        asked = Call(_vk(), name, _params(), grant, request.host_url)
        return _execute(asked, arrived) if name == EXECUTE else jsonify(response=run_method(asked))
    except Refused as refused:
        return jsonify(error=_error(name, refused))
    except Spoiled as spoiled_call:
        return spoiled_response(spoiled_call, _vk().faults)


def _execute(asked: Call, arrived: float) -> Response:
    code = None
    try:
        fault = asked.vk.faults.take(STRIKING, EXECUTE, False)
        if fault and not fault.done:
            raise struck(fault)
        answer = execute(asked)
        if fault:
            raise struck(fault, answer)
        return jsonify(answer)
    except Refused as refused:
        code = refused.code
        raise
    finally:
        _note(EXECUTE, arrived, asked.grant, code)


def _grant() -> Grant | None:
    """Return the grant of the token, None for a community's own; Refused for any other."""
    if not VERSION.fullmatch(request.form.get("v", "")):
        raise Refused(8)
    token = request.form.get("access_token", "")
    grant = _vk().grant_of(token)
    if grant is None and token not in _vk().community_tokens:
        raise Refused(5)
    return grant


def _check_use(grant: Grant | None) -> None:
    world, vk = current_app.extensions["sandbox"], _vk()
    token = request.form["access_token"]
    if not world.rates.spend("vk", token, vk.calls_per_second, 1.0).granted:
        raise Refused(6)
    if vk.trouble in CODES:
        raise Refused(CODES[vk.trouble])
    if grant and grant.person.blocked:
        raise Refused(18)


def _params() -> dict[str, str]:
    return {name: value for name, value in request.form.items() if name != "access_token"}


def _note(name: str, arrived: float, grant: Grant | None, error: int | None) -> None:
    person_id = grant.person.id if grant else None
    _vk().calls.add(CallMade(arrived, name, person_id, inside=False, writes=False, error=error))


def _error(method: str, refused: Refused) -> dict[str, Any]:
    asked = [{"key": key, "value": value} for key, value in _params().items()]
    error: dict[str, Any] = {
        "error_code": refused.code,
        "error_msg": refused.message,
        "request_params": [{"key": "method", "value": method}, {"key": "oauth", "value": "1"}, *asked],
    }
    robot = f"{request.host_url}vk-id/not-a-robot"
    if refused.code == 14:
        error |= {
            "captcha_sid": "239633676097",
            "remixstlid": 9_084_367,
            "redirect_uri": f"{robot}?session_token=s",
        }
    if refused.code == 17:
        error |= {"redirect_uri": robot}
    if refused.code == 24:
        error |= {"confirmation_text": "Вы действительно хотите изменить товары сообщества?"}
    return error


def _vk() -> VkWorld:
    vk: VkWorld = current_app.extensions["sandbox"].vk
    return vk
