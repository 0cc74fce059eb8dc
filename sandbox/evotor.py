"""The Evotor cloud, version 2, read side: strict where the real one is strict."""

import re
import time
from functools import partial

from flask import Blueprint, Response, current_app, g, request

from sandbox.error_answers import error, html_error
from sandbox.faults import FAULTS
from sandbox.journal import Entry, now
from sandbox.paging import LIST_ENDS, Answer, BadCursor, Cursor
from sandbox.rate_limit import Allowance
from sandbox.shelf import Shelf, encode
from sandbox.world import V2, Manners, Merchant, World

blueprint = Blueprint("evotor", __name__)

PARAMETERS = {
    "stores": {"cursor"},
    "groups": {"since", "cursor"},
    "products": {"since", "cursor", "limit"},
}
NUMBER = re.compile(r"[0-9]{1,15}", re.ASCII)


@blueprint.get("/stores")
def stores() -> Response:
    """List the stores."""
    return _list("stores", None)


@blueprint.get("/stores/<store_id>/product-groups")
def groups(store_id: str) -> Response:
    """List the groups of one store."""
    return _list("groups", store_id)


@blueprint.get("/stores/<store_id>/products")
def products(store_id: str) -> Response:
    """List the products of one store."""
    return _list("products", store_id)


@blueprint.get("/stores/<store_id>/product-groups/<item_id>")
def group(store_id: str, item_id: str) -> Response:
    """Show one group."""
    return _one("groups", store_id, item_id)


@blueprint.get("/stores/<store_id>/products/<item_id>")
def product(store_id: str, item_id: str) -> Response:
    """Show one product."""
    return _one("products", store_id, item_id)


@blueprint.before_request
def check() -> Response | None:
    """Refuse what the cloud refuses before it looks at the address: credentials, media type, rate."""
    g.started = time.perf_counter()
    world, manners = _world(), Manners()
    g.merchant, g.fault = _authorised(), None
    if g.merchant:
        manners = g.merchant.manners
    store_id = (request.view_args or {}).get("store_id")
    # Whoever is not let in is counted apart, so that a stranger cannot use up a merchant's limit.
    g.allowance = world.rates.spend(
        g.merchant and g.merchant.id,
        store_id if g.merchant else None,
        manners.rate_limit,
        manners.rate_window,
    )
    if g.merchant is None:
        # The real body is unknown: an empty one and a page both occur here.
        return Response(status=401) if _auth_form() == "bearer" else html_error(401, "Unauthorized")
    if not _accepts_v2():
        return html_error(406, "Not Acceptable")
    if not g.allowance.granted:
        return html_error(429, "Too Many Requests")
    if manners.latency:
        world.faults.wait(manners.latency)
    return None


@blueprint.after_request
def record(response: Response) -> Response:
    """Add the rate headers and write the request down."""
    manners = g.merchant.manners if g.merchant else Manners()
    _add_rate_headers(response, g.allowance, manners.reset_as)
    known = PARAMETERS["products"]
    _world().journal.add(
        Entry(
            time=now(),
            method=request.method,
            path=request.path,
            # A secret sent by mistake as a parameter must not be kept either.
            query={key: value if key in known else "…" for key, value in request.args.items()},
            accept=request.headers.get("Accept", ""),
            auth=_auth_form(),
            merchant=g.merchant and g.merchant.id,
            status=response.status_code,
            fault=g.fault and g.fault.name,
            duration_ms=round((time.perf_counter() - g.started) * 1000, 2),
        )
    )
    return response


def _list(resource: str, store_id: str | None) -> Response:
    merchant: Merchant = g.merchant
    shelf = _shelf(merchant, resource, store_id)
    if shelf is None:
        return html_error(404, "Not Found")
    asked = request.args.get("cursor")
    place = f"{merchant.id}/{store_id or ''}/{resource}"
    if asked is None:
        cursor = _first_page(resource, place, merchant.manners)
    else:
        try:
            cursor = Cursor.decode(asked, place)
        except BadCursor:
            cursor = error(400, "invalid_cursor", "invalid cursor", ("недействительное значение", "cursor"))
    if isinstance(cursor, Response):
        return cursor
    items, next_start = shelf.slice(cursor.start, cursor.limit, cursor.since)
    if next_start is None:
        paging = LIST_ENDS[merchant.manners.list_end]
    else:
        paging = {"next_cursor": cursor._replace(start=next_start, number=cursor.number + 1).encode()}
    of_next_store = partial(_of_next_store, merchant, resource, store_id)
    answer = Answer(items, merchant.manners.content_type, paging, cursor, asked, of_next_store)
    return _sent(answer, resource, store_id, cursor.number)


def _one(resource: str, store_id: str, item_id: str) -> Response:
    merchant: Merchant = g.merchant
    shelf = _shelf(merchant, resource, store_id)
    item = shelf.get(item_id) if shelf is not None else None
    if item is None:
        return html_error(404, "Not Found")
    return _sent(Answer(encode(item), merchant.manners.content_type), resource, store_id, None)


def _sent(answer: Answer, resource: str, store_id: str | None, page: int | None) -> Response:
    board = _world().faults
    g.fault = board.take(g.merchant.id, store_id, resource, page)
    if g.fault:
        return FAULTS[g.fault.name].spoil(answer, g.fault, board.wait)
    return Response(answer.body(), content_type=answer.content_type)


def _first_page(resource: str, place: str, manners: Manners) -> Cursor | Response:
    violations = [("неизвестный параметр", name) for name in request.args if name not in PARAMETERS[resource]]
    since, limit = request.args.get("since"), request.args.get("limit")
    if since is not None and not NUMBER.fullmatch(since):
        violations.append(("недействительное значение", "since"))
    if limit is not None and not (NUMBER.fullmatch(limit) and 1 <= int(limit) <= 1000):
        violations.append(("недействительное значение", "limit"))
    if violations:
        return error(400, "invalid_parameter", "invalid request parameters", *violations)
    cursor = Cursor(place, 0, int(limit) if limit else manners.page_size)
    return cursor._replace(since=int(since)) if since else cursor


def _shelf(merchant: Merchant, resource: str, store_id: str | None) -> Shelf | None:
    if store_id is None:
        return merchant.store_list
    store = merchant.stores.get(store_id)
    return store.shelf(resource) if store else None


def _of_next_store(merchant: Merchant, resource: str, store_id: str | None) -> bytes:
    stores = list(merchant.stores)
    following = stores[(stores.index(store_id) + 1) % len(stores)] if store_id else None
    shelf = _shelf(merchant, resource, following)
    return shelf.slice(0, len(shelf)).items if shelf else b""


def _authorised() -> Merchant | None:
    for form, token in _credentials():
        merchant = _world().merchant_of(token)
        if merchant and _takes(merchant.manners.auth, form):
            return merchant
    return None


def _takes(setting: str, form: str) -> bool:
    return form in ("bearer", "x-authorization") if setting == "any" else form == setting


def _credentials() -> list[tuple[str, str]]:
    found = []
    if written := request.headers.get("Authorization", ""):
        scheme, _, token = written.partition(" ")
        found.append(("bearer", token) if scheme == "Bearer" else ("raw", written))
    if written := request.headers.get("X-Authorization", ""):
        found.append(("x-authorization", written))
    return found


def _auth_form() -> str:
    return "+".join(form for form, _ in _credentials()) or "none"


def _accepts_v2() -> bool:
    kinds = (kind.partition(";")[0].strip().lower() for kind in request.headers.get("Accept", "").split(","))
    return V2 in kinds


def _add_rate_headers(response: Response, allowance: Allowance, reset_as: str) -> None:
    reset = allowance.reset_at if reset_as == "epoch" else allowance.reset_in
    response.headers["X-RateLimit-Limit"] = str(allowance.limit)
    response.headers["X-RateLimit-Remaining"] = str(allowance.remaining)
    response.headers["X-RateLimit-Reset"] = str(reset)


def _world() -> World:
    world: World = current_app.extensions["sandbox"]
    return world
