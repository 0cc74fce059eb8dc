"""The JSON API of VK's desk, /__sandbox__/api/vk/...: for tests in another process; errors are 400."""

from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, request

from sandbox.json_body import wanted_json
from sandbox.vk.faults import KINDS
from sandbox.vk.filling import add_foreign, fill
from sandbox.vk.goods import Item
from sandbox.vk.world import VkWorld

blueprint = Blueprint("vk_control_api", __name__)


@blueprint.get("/state")
def state() -> Response:
    """Show communities with the sizes of their markets, limits, habits, faults that are on and there are."""
    vk = _vk()
    return jsonify(
        communities=[
            {"id": each.id, "name": each.name, "items": len(vk.market(each.id).order)}
            for each in vk.communities.values()
        ],
        limits=asdict(vk.limits),
        habits={**asdict(vk.habits), "bad_links": sorted(vk.habits.bad_links)},
        faults=[each.as_json() for each in vk.faults.active()],
        known_faults={name: kind.title for name, kind in KINDS.items()},
    )


@blueprint.get("/calls")
def calls() -> Response:
    """Show what the calls add up to, and the log of them."""
    counted = _vk().calls
    return jsonify(
        total=counted.total,
        inner=counted.inner,
        uploads=counted.uploads,
        writing=len(counted.writing),
        refused_as_too_often=counted.refused_as_too_often,
        busiest_second=counted.busiest_second(),
        by_method=counted.by_method,
        unknown_parameters=sorted(counted.unknown_parameters),
        log=[asdict(each) for each in counted.log],
    )


@blueprint.post("/calls/clear")
def clear_calls() -> Response:
    """Count anew."""
    _vk().calls.clear()
    return jsonify(ok=True)


@blueprint.post("/faults")
def add_fault() -> Response:
    """Switch a fault on: `name` and fields of VkFault."""
    wanted = wanted_json()
    return jsonify(_vk().faults.add(wanted.pop("name"), **wanted).as_json())


@blueprint.post("/faults/clear")
def clear_faults() -> Response:
    """Switch one fault (`id`) off, or all."""
    _vk().faults.clear(wanted_json().get("id"))
    return jsonify(ok=True)


@blueprint.post("/settings")
def settings() -> Response:
    """Set fields of `limits` and `habits`, and `calls_per_second`, `ahead`, `token_seconds`, `trouble`."""
    vk, wanted = _vk(), wanted_json()
    bad_links = wanted.get("habits", {}).get("bad_links")
    if bad_links is not None:
        wanted["habits"]["bad_links"] = set(bad_links)
    _set(vk.limits, wanted.pop("limits", {}))
    _set(vk.habits, wanted.pop("habits", {}))
    if unknown := wanted.keys() - {"calls_per_second", "ahead", "token_seconds", "trouble"}:
        raise ValueError(f"unknown setting: {', '.join(sorted(unknown))}")
    _set(vk, wanted)
    return state()


@blueprint.post("/fill")
def fill_market() -> Response:
    """Put so many `goods` into the market of a `community`; `sku` such as "old-{}" takes their numbers."""
    wanted = wanted_json()
    fill(_vk(), int(wanted["community"]), int(wanted["goods"]), sku=wanted.get("sku", ""))
    return jsonify(ok=True)


@blueprint.get("/items")
def items() -> Response:
    """Show the items of a `community` that are not deleted, as arranged."""
    market = _vk().market(request.args.get("community", 0, type=int))
    return jsonify(items=[_shown(item) for item in market.living()])


@blueprint.post("/items/add")
def add_item() -> Response:
    """Add an item by hand to a `community`: `title`, `price` in hundredths, other fields of Item."""
    wanted = wanted_json()
    community_id, title, price = (wanted.pop(name) for name in ("community", "title", "price"))
    return jsonify(_shown(add_foreign(_vk(), community_id, title, price, **wanted)))


@blueprint.post("/items/change")
def change_item() -> Response:
    """Set `fields` of the item `id` of a `community` by hand."""
    wanted = wanted_json()
    return jsonify(_shown(_vk().market(wanted["community"]).change(wanted["id"], **wanted["fields"])))


@blueprint.post("/items/delete")
def delete_item() -> Response:
    """Delete the item `id` of a `community` by hand."""
    wanted = wanted_json()
    _vk().market(wanted["community"]).delete(wanted["id"])
    return jsonify(ok=True)


def _set(target: Any, wanted: dict[str, Any]) -> None:
    for name, value in wanted.items():
        if not hasattr(target, name):
            raise ValueError(f"unknown setting: {name}")
        setattr(target, name, value)


def _shown(item: Item) -> dict[str, Any]:
    return {**asdict(item), "availability": item.availability}


def _vk() -> VkWorld:
    vk: VkWorld = current_app.extensions["sandbox"].vk
    return vk
