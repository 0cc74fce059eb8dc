"""What Evotor's cloud sends us by itself: tokens, sign-ins, installations, changed goods."""

import hashlib
import hmac
from contextlib import nullcontext
from datetime import UTC, datetime
from typing import Any

import msgspec
from flask import Blueprint, current_app, g, jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from app.accounts.forms import normalize_email
from app.accounts.passwords import owner_with
from app.clients.evotor.client import can_be_sent
from app.connections.evotor import merchants
from app.connections.evotor.merchants import INSTALLED, UNINSTALLED
from app.connections.jobs import request_check
from app.connections.signals import store_changed
from app.data.types import fits_id, fits_text
from app.web.extensions import csrf, limiter
from app.web.turns import in_turn

deliveries = Blueprint("deliveries", __name__)
csrf.exempt(deliveries)

WRONG_CREDENTIALS = 1006
MAX_GOODS_BYTES = 16 * 1024 * 1024
# So many goods with all that belongs to one take more bytes than that. Big bodies are read a few at a time.
MAX_GOODS, BIG_BYTES = 400_000, 1024 * 1024
MAX_MESSAGE_BYTES = 64 * 1024
MAX_USER_ID = 64
MAX_TOKEN = 500


class BadDelivery(Exception):
    """The body or a header is not what Evotor documents; the message says what is wrong with it."""


@deliveries.before_request
def authorise() -> ResponseReturnValue | None:
    """Let only those in who know the secret of our app, before anything of the body is read."""
    request.max_content_length = MAX_MESSAGE_BYTES
    expected = current_app.extensions["settings"].evotor_app_secret
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    # Compared even without a secret, and as bytes: a header may hold letters that are not ASCII.
    fits = hmac.compare_digest(given.strip().encode(), (expected or "").encode())
    if expected and fits and scheme.lower() == "bearer":
        return None
    return _refusal("the secret of the app is wrong", 401)


# Reference: https://developer.evotor.ru/docs/, POST /api/v1/user/token
@deliveries.post("/api/v1/user/token")
def user_token() -> ResponseReturnValue:
    message = _message()
    user_id, token = _text(message, "userId", MAX_USER_ID), _text(message, "token", MAX_TOKEN)
    if not can_be_sent(token):
        # Kept, it would part the owner from the cloud at the first call, in place of one that works.
        raise BadDelivery("token holds characters that no header can carry")
    _request_checks(merchants.receive_token(user_id, token))
    return jsonify({})


# Reference: https://developer.evotor.ru/docs/, POST /api/v1/user/verify
@deliveries.post("/api/v1/user/verify")
@limiter.limit(
    "10 per minute; 60 per hour", key_func=lambda: _username(), deduct_when=lambda _: "wrong_password" in g
)
def user_verify() -> ResponseReturnValue:
    message = _message()
    user_id = _text(message, "userId", MAX_USER_ID)
    owner = owner_with(_text(message, "username", 254), _text(message, "password", 1000))
    if owner is None:
        g.wrong_password = True
        return jsonify(errors=[{"code": WRONG_CREDENTIALS}]), 401
    _request_checks(merchants.link_owner(user_id, owner.id))
    return jsonify(userId=user_id, token=_our_token(user_id, owner.id))


# Reference: https://developer.evotor.ru/docs/, POST /installation/event
@deliveries.post("/installation/event")
def installation_event() -> ResponseReturnValue:
    message = _message()
    kind, event_id = _text(message, "type", 100), _text(message, "id", 100)
    data = message.get("data")
    if not isinstance(data, dict):
        raise BadDelivery("data is not an object")
    user_id, happened_at = _text(data, "userId", MAX_USER_ID), _moment(message.get("timestamp"))
    if kind in (INSTALLED, UNINSTALLED):
        _request_checks(merchants.receive_event(user_id, kind, event_id, happened_at))
    return jsonify({})


# Reference: https://developer.evotor.ru/docs/, POST /inventories/stores/{storeUuid}/products
@deliveries.post("/inventories/stores/<store_id>/products")
def changed_goods(store_id: str) -> ResponseReturnValue:
    request.max_content_length = MAX_GOODS_BYTES
    is_big = (request.content_length or MAX_GOODS_BYTES) > BIG_BYTES
    with in_turn(deliveries.name) if is_big else nullcontext():
        goods = _count_goods()
    if not fits_id(store_id):
        raise BadDelivery("the id of the store is unusable")
    user_id = _text(request.headers, "X-Evotor-User-Id", MAX_USER_ID)
    # The goods themselves are a hint only: they come in no order and without deletions.
    for owner_id in merchants.owners_of(user_id) if goods else ():
        store_changed.send(user_id=owner_id, store_id=store_id)
    return jsonify({})


@deliveries.errorhandler(BadDelivery)
def bad_delivery(error: BadDelivery) -> ResponseReturnValue:
    return _refusal(str(error), 400)


@deliveries.errorhandler(HTTPException)
def refused(error: HTTPException) -> ResponseReturnValue:
    return _refusal(error.name, error.code or 500)


def _refusal(sentence: str, status: int) -> ResponseReturnValue:
    return jsonify(errors=[{"message": sentence}]), status


def _message() -> dict[str, Any]:
    message = _body()
    if not isinstance(message, dict):
        raise BadDelivery("the body is not a JSON object")
    return message


def _body() -> Any:
    """Read the body, None when it is no JSON."""
    try:
        return request.get_json(force=True, silent=True)
    except RecursionError:
        raise BadDelivery("the body is nested too deeply") from None


def _count_goods() -> int:
    """Count the objects of the body's array; nothing of them is kept."""
    body = request.get_data(cache=False)
    if body.count(b"{") > MAX_GOODS:
        raise BadDelivery(f"the body may hold more than {MAX_GOODS} objects")
    try:
        return len(_goods.decode(body))
    except (msgspec.DecodeError, RecursionError):
        raise BadDelivery("the body is not an array of objects") from None


class _Good(msgspec.Struct):
    """Any object, whatever it holds."""


_goods = msgspec.json.Decoder(list[_Good])


def _text(fields: Any, name: str, longest: int) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not fits_text(value.strip(), longest):
        raise BadDelivery(f"{name} is not a text of 1 to {longest} characters")
    return value.strip()


def _moment(milliseconds: Any) -> datetime:
    if isinstance(milliseconds, int | float) and not isinstance(milliseconds, bool):
        try:
            return datetime.fromtimestamp(milliseconds / 1000, UTC)
        except (ValueError, OverflowError, OSError):
            pass
    raise BadDelivery("timestamp is not a time in milliseconds")


def _username() -> str:
    try:
        text = _text(_message(), "username", 254)
    except (BadDelivery, RequestEntityTooLarge):
        # The limiter complains of an empty one in the log, and anybody could have it do so.
        return "nobody"
    # As the sign-in looks it up: another spelling of an address must not begin a count of its own.
    return normalize_email(text) or text.lower()


def _our_token(external_user_id: str, user_id: int) -> str:
    """Make what Evotor keeps as our token of this merchant: the same each time, told from nothing public."""
    key = current_app.extensions["settings"].secret_key.encode()
    text = f"evotor-user {user_id} {external_user_id}"
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def _request_checks(connections: list[int]) -> None:
    for connection_id in connections:
        request_check(connection_id)
