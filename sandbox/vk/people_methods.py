"""The methods about people and communities: users.get, groups.get, groups.getById, groups.toggleMarket."""

from typing import Any

from sandbox.vk.method import Call, Methods
from sandbox.vk.people import ADMINISTRATOR, Community
from sandbox.vk.refused import Refused
from sandbox.vk.shown import RUBLE

METHODS = Methods()
STATES = ("none", "basic", "advanced")


@METHODS.method("users.get", "user_ids fields name_case from_group_id", scope=None)
def users_get(call: Call) -> list[dict[str, Any]]:
    """Show the owner of the token."""
    if call.grant is None:
        return []
    person = call.grant.person
    shown: dict[str, Any] = {
        "id": person.id,
        "first_name": person.first_name,
        "last_name": person.last_name,
        "can_access_closed": True,
        "is_closed": False,
    }
    if "photo_200" in _fields(call):
        shown["photo_200"] = person.photo
    return [shown]


@METHODS.method("groups.get", "user_id extended filter fields offset count", scope="groups")
def groups_get(call: Call) -> dict[str, Any]:
    """List the communities that the owner administers."""
    if call.grant is None or call.params.get("filter") != "admin":
        call.wrong("filter is invalid")
        return {}
    offset, size = call.page(usual=1000, most=1000)
    found = call.vk.administrated_by(call.grant.person)
    page, extended = found[offset : offset + size], call.flag("extended")
    return {"count": len(found), "items": [_shown(call, each) if extended else each.id for each in page]}


@METHODS.method("groups.getById", "group_ids group_id fields", scope=None, with_community_token=True)
def groups_get_by_id(call: Call) -> dict[str, Any]:
    """Show communities by their ids or screen names."""
    wanted = (call.text("group_ids") or call.text("group_id") or "").split(",")
    known = [
        each for each in call.vk.communities.values() if str(each.id) in wanted or each.screen_name in wanted
    ]
    if not known:
        call.wrong("group_ids is undefined")
    return {"groups": [_shown(call, each) for each in known], "profiles": []}


@METHODS.method("groups.toggleMarket", "group_id state ref", scope="groups", writes=True)
def toggle_market(call: Call) -> int:
    """Switch the shop of a community on or off."""
    community, state = call.community("group_id"), call.required("state")
    if state not in STATES:
        call.wrong("state is invalid")
    if call.grant is None or community.roles.get(call.grant.person.id) != ADMINISTRATOR:
        raise Refused(call.vk.habits.lost_role_code)
    if state == "none" and not community.market_on:
        raise Refused(1432)
    if community.market_on and state == community.market_type:
        raise Refused(1431)
    community.market_on = state != "none"
    if community.market_on:
        community.market_type = state
    return 1


def _shown(call: Call, community: Community) -> dict[str, Any]:
    level = community.roles.get(call.grant.person.id, 0) if call.grant else 0
    shown: dict[str, Any] = {
        "id": community.id,
        "name": community.name,
        "screen_name": community.screen_name,
        "is_closed": 0,
        "type": "group",
        "is_admin": int(level > 0),
        "is_member": 1,
        "photo_200": community.photo,
    }
    if level:
        shown["admin_level"] = level
    if "market" in _fields(call):
        shown["market"] = _market(call, community)
    return shown


def _market(call: Call, community: Community) -> dict[str, Any]:
    if not community.market_on:
        return {"enabled": 0}
    market = call.vk.market(community.id)
    prices = [item.price for item in market.living()]
    main = next((album.id for album in market.albums.values() if album.is_main), 0)
    return {
        "enabled": 1,
        "type": community.market_type,
        "contact_id": next(iter(community.roles), 0),
        "currency": RUBLE,
        "currency_text": "₽",
        "main_album_id": main,
        "price_min": str(min(prices, default=0)),
        "price_max": str(max(prices, default=0)),
    }


def _fields(call: Call) -> list[str]:
    return call.params.get("fields", "").split(",")
