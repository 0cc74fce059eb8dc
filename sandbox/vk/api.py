"""The VK API: the methods that the product calls; errors come with HTTP 200, as there."""

import re
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, request

from sandbox.vk.trouble import begin, record, transport_trouble
from sandbox.vk.world import Community, Grant, VkWorld

blueprint = Blueprint("vk_api", __name__)
blueprint.before_request(begin)
blueprint.after_request(record)

VERSION = re.compile(r"5\.[0-9]{1,3}")
MESSAGES = {
    3: "Unknown method passed",
    5: "User authorization failed: invalid access_token (4).",
    6: "Too many requests per second",
    7: "Permission to perform this action is denied",
    8: "Invalid request: v is required",
    9: "Flood control",
    10: "Internal server error: Unknown error, try later",
    14: "Captcha needed",
    15: "Access denied: no access to call this method",
    18: "User was deleted or banned",
    100: "One of the parameters specified was missing or invalid",
    203: "Access to group denied",
    1438: "Market is disabled",
}
CODES = {"internal": 10, "too_often": 6, "flood": 9, "captcha": 14}


class Refused(Exception):
    """A method does not do what was asked."""

    def __init__(self, code: int, about: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.about = about


@blueprint.post("/method/<name>")
def call(name: str) -> Response:
    """Run one method."""
    try:
        if spoiled := transport_trouble():
            return spoiled
        grant = _authorised()
        if name not in METHODS:
            raise Refused(3)
        return jsonify(response=METHODS[name](grant))
    except Refused as refused:
        return jsonify(error=_error(name, refused))


def _authorised() -> Grant:
    world, vk = current_app.extensions["sandbox"], _vk()
    if not VERSION.fullmatch(request.form.get("v", "")):
        raise Refused(8)
    token = request.form.get("access_token", "")
    grant = vk.grant_of(token)
    if grant is None:
        raise Refused(5)
    if not world.rates.spend("vk", token, vk.calls_per_second, 1.0).granted:
        raise Refused(6)
    if vk.trouble in CODES:
        raise Refused(CODES[vk.trouble])
    if grant.person.blocked:
        raise Refused(18)
    return grant


def users_get(grant: Grant) -> list[dict[str, Any]]:
    """Show the owner of the token."""
    person = grant.person
    shown: dict[str, Any] = {
        "id": person.id,
        "first_name": person.first_name,
        "last_name": person.last_name,
        "can_access_closed": True,
        "is_closed": False,
    }
    if "photo_200" in _listed("fields"):
        shown["photo_200"] = person.photo
    return [shown]


def groups_get(grant: Grant) -> dict[str, Any]:
    """List the communities that the owner administers."""
    _need(grant, "groups")
    if request.form.get("filter") != "admin":
        raise Refused(100, "filter")
    count, offset = _number("count", 1000, 1, 1000), _number("offset", 0, 0, 10**6)
    found = _vk().administrated_by(grant.person)
    page = found[offset : offset + count]
    extended = request.form.get("extended") == "1"
    return {"count": len(found), "items": [_shown(each) if extended else each.id for each in page]}


def market_get(grant: Grant) -> dict[str, Any]:
    """List the goods of a community; this VK has none."""
    _need(grant, "market")
    owner_id = _number("owner_id", 0, -(10**12), -1)
    _number("count", 100, 0, 200), _number("offset", 0, 0, 10**6)
    community = _vk().communities.get(-owner_id)
    if community is None:
        raise Refused(100, "owner_id")
    if community.blocked:
        raise Refused(203)
    if not community.market_on:
        raise Refused(1438)
    return {"count": 0, "items": []}


METHODS: dict[str, Callable[[Grant], Any]] = {
    "users.get": users_get,
    "groups.get": groups_get,
    "market.get": market_get,
}


def _shown(community: Community) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "id": community.id,
        "name": community.name,
        "screen_name": community.screen_name,
        "is_closed": 0,
        "type": "group",
        "is_admin": 1,
        "admin_level": 3,
        "is_member": 1,
        "photo_200": community.photo,
    }
    if "market" in _listed("fields"):
        shown["market"] = {"enabled": 1, "type": "basic"} if community.market_on else {"enabled": 0}
    return shown


def _error(method: str, refused: Refused) -> dict[str, Any]:
    message = MESSAGES[refused.code] + (f": {refused.about} is invalid" if refused.about else "")
    asked = [{"key": key, "value": value} for key, value in request.form.items() if key != "access_token"]
    error: dict[str, Any] = {
        "error_code": refused.code,
        "error_msg": message,
        "request_params": [{"key": "method", "value": method}, {"key": "oauth", "value": "1"}, *asked],
    }
    if refused.code == 14:
        error |= {"captcha_sid": "239633676097", "redirect_uri": f"{request.host_url}vk-id/not-a-robot"}
    return error


def _need(grant: Grant, scope: str) -> None:
    if scope not in grant.scope:
        raise Refused(15)


def _listed(name: str) -> list[str]:
    return request.form.get(name, "").split(",")


def _number(name: str, default: int, lowest: int, highest: int) -> int:
    text = request.form.get(name)
    if text is None and lowest <= default <= highest:
        return default
    if text is None or not re.fullmatch(r"-?[0-9]{1,15}", text) or not lowest <= int(text) <= highest:
        raise Refused(100, name)
    return int(text)


def _vk() -> VkWorld:
    vk: VkWorld = current_app.extensions["sandbox"].vk
    return vk
