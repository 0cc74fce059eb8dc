"""The control desk at /__sandbox__/ for a visitor of the demo: change goods, break the cloud, look on."""

import re
from typing import Any
from uuid import uuid4

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    redirect,
    render_template,
    request,
    send_from_directory,
    url_for,
)
from werkzeug.wrappers import Response as BaseResponse

from sandbox import control_api
from sandbox.faults import FAULTS
from sandbox.generator import GENERATED_TOKEN
from sandbox.shelf import Item
from sandbox.shop import DEMO_TOKEN
from sandbox.vk import control as vk_control
from sandbox.world import Merchant, Store, World

blueprint = Blueprint("control", __name__, template_folder="templates")
blueprint.register_blueprint(control_api.blueprint, url_prefix="/api")
blueprint.register_blueprint(vk_control.blueprint, url_prefix="/vk")

SHOWN_PRODUCTS = 20
SHOWN_REQUESTS = 15
TIMES = ("1", "3", "10")
NUMBER = re.compile(r"-?[0-9]{1,9}(?:\.[0-9]{1,3})?", re.ASCII)
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
MESSAGES = {
    "changed": "Товар изменён. Обновите каталог в Витрине, чтобы увидеть перемену.",
    "deleted": "Товар убран. При следующем обновлении он исчезнет из каталога.",
    "restored": "Товар возвращён.",
    "added": "Товар добавлен.",
    "broken": "Сбой включён.",
    "mended": "Сбой выключен.",
    "reset": "Всё возвращено к первому дню.",
    "bad_number": "Цена и количество: число, например 350 или 12,5. Пустое поле: значения нет.",
    "no_name": "Название: от 1 до 128 знаков.",
}


@blueprint.before_request
def refuse_other_sites() -> None:
    """Refuse changes that another site's page sends through the visitor's browser."""
    if request.method == "POST" and request.headers.get("Sec-Fetch-Site", "none") not in (
        "none",
        "same-origin",
    ):
        abort(403)


@blueprint.after_request
def protect(response: Response) -> Response:
    """Forbid scripts and foreign content: names of goods are anybody's text."""
    response.headers.setdefault("Content-Security-Policy", POLICY)
    response.headers.setdefault("Cache-Control", "no-store")
    return response


@blueprint.get("/")
def desk() -> str:
    """Show stores, found products, faults and the last requests."""
    merchant, store = _chosen()
    query = request.args.get("q", "").strip()
    return render_template(
        "sandbox/desk.html",
        merchants=_world().merchants(),
        merchant=merchant,
        store=store,
        query=query,
        products=store.products.find(query, SHOWN_PRODUCTS) if store else [],
        removed=store.products.removed()[-SHOWN_PRODUCTS:] if store else [],
        shown_products=SHOWN_PRODUCTS,
        groups=store.groups.find("", 100) if store else [],
        faults=_world().faults.active(),
        kinds=FAULTS,
        times=TIMES,
        requests=list(reversed(_world().journal.entries()[-SHOWN_REQUESTS:])),
        message=MESSAGES.get(request.args.get("said", "")),
        tokens=[token for token in (DEMO_TOKEN, GENERATED_TOKEN) if _world().merchant_of(token) is merchant],
    )


@blueprint.get("/static/<path:name>")
def static(name: str) -> Response:
    """Serve the style sheet."""
    return send_from_directory(f"{current_app.root_path}/static", name)


@blueprint.post("/products/change")
def change_product() -> BaseResponse:
    """Change name, price and quantity of a product."""
    _, store = _chosen()
    fields, drop = _product_fields()
    item = store.products.get(request.form["id"]) if store else None
    if store is None or item is None:
        abort(404)
    # A browser's one-line field loses line breaks and outer blanks: that alone is no new name.
    if fields["name"] == re.sub(r"[\r\n]", "", str(item.get("name"))).strip():
        del fields["name"]
    store.products.change(item["id"], fields, drop)
    return _back("changed")


@blueprint.post("/products/delete")
def delete_product() -> BaseResponse:
    """Take a product away."""
    _, store = _chosen()
    if store is None or store.products.get(request.form["id"]) is None:
        abort(404)
    store.products.remove(request.form["id"])
    return _back("deleted")


@blueprint.post("/products/restore")
def restore_product() -> BaseResponse:
    """Return a product that was taken away."""
    _, store = _chosen()
    if store is None or request.form["id"] not in (item["id"] for item in store.products.removed()):
        abort(404)
    store.products.restore(request.form["id"])
    return _back("restored")


@blueprint.post("/products/add")
def add_product() -> BaseResponse:
    """Add a product."""
    merchant, store = _chosen()
    if merchant is None or store is None:
        abort(404)
    fields, _ = _product_fields()
    known: Item = {
        "id": str(uuid4()),
        "type": "NORMAL",
        "measure_name": "шт",
        "allow_to_sell": True,
        "tax": "NO_VAT",
    }
    parent = {"parent_id": request.form["group"]} if request.form.get("group") else {}
    item = {**known, **fields, **parent, "store_id": store.id, "user_id": merchant.id}
    store.products.put(item)
    store.products.change(item["id"], {})
    return _back("added")


@blueprint.post("/faults/add")
def add_fault() -> BaseResponse:
    """Switch a fault on for the merchant, or for one of its stores."""
    merchant, _ = _chosen()
    name, times = request.form["name"], request.form.get("times", "")
    if merchant is None or name not in FAULTS:
        abort(404)
    where = {"merchant": merchant.id, "store": request.form.get("where") or None}
    _world().faults.add(name, **where, **({"times": int(times)} if times in TIMES else {}))
    return _back("broken")


@blueprint.post("/faults/clear")
def clear_fault() -> BaseResponse:
    """Switch one fault off, or all of them."""
    number = request.form.get("id", "")
    _world().faults.clear(int(number) if number.isdecimal() else None)
    return _back("mended")


@blueprint.post("/reset")
def reset() -> BaseResponse:
    """Return everything to the first day."""
    _world().reset()
    return _back("reset")


@blueprint.app_template_filter()
def plain(value: object) -> str:
    """Write a number for an input: 12,5; nothing for what is no number."""
    return str(value).replace(".", ",") if isinstance(value, int | float) else ""


def _world() -> World:
    world: World = current_app.extensions["sandbox"]
    return world


def _chosen() -> tuple[Merchant | None, Store | None]:
    merchants = _world().merchants()
    if not merchants:
        return None, None
    merchant = _world().merchant(request.values.get("merchant", "")) or merchants[0]
    first = next(iter(merchant.stores.values()), None)
    return merchant, merchant.stores.get(request.values.get("store", ""), first)


def _product_fields() -> tuple[Item, list[str]]:
    name = request.form.get("name", "").strip()
    if not 1 <= len(name) <= 128:
        abort(_back("no_name"))
    fields: Item = {"name": name}
    drop = []
    for key in ("price", "quantity"):
        written = re.sub(r"\s", "", request.form.get(key, "")).replace(",", ".").replace("−", "-")
        if not written:
            drop.append(key)
        elif NUMBER.fullmatch(written):
            fields[key] = float(written) if "." in written else int(written)
        else:
            abort(_back("bad_number"))
    return fields, drop


def _back(said: str) -> BaseResponse:
    kept: dict[str, Any] = {
        key: request.form[key] for key in ("merchant", "store", "q") if request.form.get(key)
    }
    return redirect(url_for("control.desk", said=said, **kept), 303)
