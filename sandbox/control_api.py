"""The JSON API of the control desk, /__sandbox__/api/...: for tests; errors are 400 {"error": "..."}."""

from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, make_response

from sandbox.faults import FAULTS
from sandbox.generator import add_generated_merchant
from sandbox.json_body import wanted_json
from sandbox.shelf import Shelf, StoredShelf
from sandbox.vk import control_api as vk_control_api
from sandbox.world import Merchant, Store, World

blueprint = Blueprint("control_api", __name__)
blueprint.register_blueprint(vk_control_api.blueprint, url_prefix="/vk")


@blueprint.errorhandler(ValueError)
@blueprint.errorhandler(KeyError)
@blueprint.errorhandler(TypeError)
def refuse(error: Exception) -> Response:
    """Say what was wrong with the call."""
    said = error.args[0] if error.args else ""
    reason = f"missing or unknown: {said}" if isinstance(error, KeyError) else str(said)
    return make_response(jsonify(error=reason), 400)


@blueprint.get("/state")
def state() -> Response:
    """Show merchants (without tokens), stores, faults that are on and faults there are."""
    world = _world()
    return jsonify(
        merchants=[_shown(each) for each in world.merchants()],
        faults=[each.as_json() for each in world.faults.active()],
        known_faults={name: kind.title for name, kind in FAULTS.items()},
    )


@blueprint.post("/merchants")
def add_merchant() -> Response:
    """Add a merchant: `token`, then `goods` and `stores` (numbers) to generate, or `stores` as a list.

    A store is {"id", "name", "address"?, "groups": [...], "products": [...]}. Optional: `name`, `settings`.
    """
    wanted, world = wanted_json(), _world()
    if "goods" in wanted:
        merchant = add_generated_merchant(
            world, wanted["token"], int(wanted["goods"]), stores=int(wanted.get("stores", 1))
        )
    else:
        merchant = world.add_merchant(wanted["token"], wanted.get("name", "Магазин"))
        for store in wanted.get("stores", []):
            _open_store(merchant, store)
    merchant.manners = merchant.manners.altered(wanted.get("settings", {}))
    return jsonify(_shown(merchant))


@blueprint.post("/stores")
def add_store() -> Response:
    """Open a store of the merchant of `token`: `store` as in /merchants."""
    wanted = wanted_json()
    merchant = _merchant(wanted)
    _open_store(merchant, wanted["store"])
    return jsonify(_shown(merchant))


@blueprint.post("/stores/remove")
def remove_store() -> Response:
    """Close the `store` (id) of the merchant of `token`."""
    wanted = wanted_json()
    merchant = _merchant(wanted)
    merchant.remove_store(wanted["store"])
    return jsonify(_shown(merchant))


@blueprint.post("/tokens")
def add_token() -> Response:
    """Let `new_token` open the account of `token` too."""
    wanted = wanted_json()
    merchant = _merchant(wanted)
    _world().add_token(merchant, wanted["new_token"])
    return jsonify(_shown(merchant))


@blueprint.post("/tokens/revoke")
def revoke() -> Response:
    """Forget `token`."""
    _world().revoke(wanted_json()["token"])
    return jsonify(ok=True)


@blueprint.post("/settings")
def settings() -> Response:
    """Change how the cloud treats the merchant of `token`; `settings` holds fields of Manners."""
    wanted = wanted_json()
    merchant = _merchant(wanted)
    merchant.manners = merchant.manners.altered(wanted["settings"])
    return jsonify(_shown(merchant))


@blueprint.post("/faults")
def add_fault() -> Response:
    """Switch a fault on: `name`, optional `token`, `store`, `resource`, `page`, `times`, `seconds`, ..."""
    wanted = wanted_json()
    if "token" in wanted:
        wanted["merchant"] = _merchant(wanted).id
        del wanted["token"]
    return jsonify(_world().faults.add(wanted.pop("name"), **wanted).as_json())


@blueprint.post("/faults/clear")
def clear_faults() -> Response:
    """Switch one fault (`id`) off, or all."""
    _world().faults.clear(wanted_json().get("id"))
    return jsonify(ok=True)


@blueprint.post("/<any(products,groups):kind>/put")
def put_item(kind: str) -> Response:
    """Add or replace the `item` of `store` as given; `id` and `name` are needed."""
    wanted = wanted_json()
    item = {"id": wanted["item"]["id"], "name": wanted["item"]["name"], **wanted["item"]}
    return jsonify(_shelf(wanted, kind).put(item))


@blueprint.post("/<any(products,groups):kind>/patch")
def patch_item(kind: str) -> Response:
    """Set `fields` and drop the fields named in `drop` of the item `id` of `store`."""
    wanted = wanted_json()
    return jsonify(
        _shelf(wanted, kind).change(wanted["id"], wanted.get("fields", {}), wanted.get("drop", ()))
    )


@blueprint.post("/<any(products,groups):kind>/delete")
def delete_item(kind: str) -> Response:
    """Remove the item `id` of `store` without a trace."""
    wanted = wanted_json()
    return jsonify(_shelf(wanted, kind).remove(wanted["id"]))


@blueprint.post("/<any(products,groups):kind>/restore")
def restore_item(kind: str) -> Response:
    """Return the removed item `id` of `store`."""
    wanted = wanted_json()
    return jsonify(_shelf(wanted, kind).restore(wanted["id"]))


@blueprint.get("/requests")
def requests() -> Response:
    """Show the requests that were received, oldest first; tokens are not kept."""
    return jsonify(requests=[each.as_json() for each in _world().journal.entries()])


@blueprint.post("/requests/clear")
def clear_requests() -> Response:
    """Forget the requests."""
    _world().journal.clear()
    return jsonify(ok=True)


@blueprint.post("/reset")
def reset() -> Response:
    """Return everything to the first day."""
    _world().reset()
    return jsonify(ok=True)


def _world() -> World:
    world: World = current_app.extensions["sandbox"]
    return world


def _merchant(wanted: dict[str, Any]) -> Merchant:
    merchant = _world().merchant_of(wanted["token"])
    if merchant is None:
        raise KeyError("token")
    return merchant


def _shelf(wanted: dict[str, Any], kind: str) -> Shelf:
    return _merchant(wanted).stores[wanted["store"]].shelf(kind)


def _open_store(merchant: Merchant, wanted: dict[str, Any]) -> Store:
    item = {key: value for key, value in wanted.items() if key not in ("groups", "products")}
    groups, products = StoredShelf(wanted.get("groups", [])), StoredShelf(wanted.get("products", []))
    return merchant.add_store({"id": wanted["id"], "name": wanted["name"], **item}, groups, products)


def _shown(merchant: Merchant) -> dict[str, Any]:
    stores = [
        {
            "id": store.id,
            "name": (merchant.store_list.get(store.id) or {}).get("name"),
            "groups": len(store.groups),
            "products": len(store.products),
        }
        for store in merchant.stores.values()
    ]
    return {"id": merchant.id, "name": merchant.name, "settings": asdict(merchant.manners), "stores": stores}
