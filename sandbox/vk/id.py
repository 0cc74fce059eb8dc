"""VK ID: OAuth 2.1 with PKCE, strict where the real one is strict."""

import base64
import hashlib
import re
import secrets
import time
from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, Response, abort, current_app, jsonify, redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from sandbox.vk.grants import SCOPES, Asked, Grant
from sandbox.vk.trouble import begin, record, transport_trouble
from sandbox.vk.world import VkWorld, is_registered

blueprint = Blueprint("vk_id", __name__, template_folder="templates")
blueprint.before_request(begin)
blueprint.after_request(record)

RIGHTS = {
    "market": "Товары: добавлять, менять и удалять товары сообществ",
    "groups": "Сообщества: видеть список ваших сообществ",
    "photos": "Фотографии: загружать снимки товаров",
}
STATE = re.compile(r"[A-Za-z0-9_-]{32,}")
CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")


@blueprint.get("/authorize")
def ask() -> str | tuple[str, int] | Response:
    """Show who asks for what; whoever is signed in decides."""
    problem = _problem()
    if problem:
        return render_template("sandbox/vk_wrong_request.html", problem=problem), 400
    scope = request.args.get("scope", "").split()
    page = render_template(
        "sandbox/vk_consent.html",
        people=_vk().people.values(),
        rights=[RIGHTS.get(name, name) for name in scope],
        action=f"{request.path}?{request.query_string.decode()}",
    )
    return _with_policy(Response(page))


@blueprint.post("/authorize")
def decide() -> BaseResponse:
    """Lead the browser back with a code, or with a refusal."""
    if _problem() or request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        abort(400)
    asked, vk = request.args, _vk()
    back = {"state": asked["state"]}
    if request.form.get("decision") != "allow":
        denied = {"error": "access_denied", "error_description": "User denied your request"}
        return redirect(f"{asked['redirect_uri']}?{urlencode({**denied, **back})}")
    person = vk.people.get(request.form.get("person", 0, type=int)) or abort(404)
    device_id = secrets.token_urlsafe(24)
    code = vk.new_code(
        Asked(
            person,
            asked["client_id"],
            device_id,
            asked["redirect_uri"],
            asked["code_challenge"],
            tuple(asked.get("scope", "").split()),
            time.time() + vk.code_seconds,
        )
    )
    given = {"code": code, "expires_in": int(vk.code_seconds), "device_id": device_id, "type": "code_v2"}
    return redirect(f"{asked['redirect_uri']}?{urlencode({**given, **back})}")


@blueprint.post("/oauth2/auth")
def token() -> Response:
    """Exchange a code or rotate a pair."""
    form, vk = request.form, _vk()
    if spoiled := transport_trouble():
        return spoiled
    if not form.get("state"):
        return _refused("invalid_request", "state is missing")
    if form.get("grant_type") == "authorization_code":
        asked = vk.take_code(form.get("code", ""))
        if asked is None:
            return _refused("invalid_grant", "code is invalid or expired")
        if not _fits(asked):
            return _refused("invalid_request", "code_verifier, device_id, client_id or redirect_uri is wrong")
        return _pair(*vk.new_grant(asked))
    if form.get("grant_type") == "refresh_token":
        # Long enough for somebody else to come in between, when a test wants it.
        current_app.extensions["sandbox"].faults.wait(vk.seconds_to_refresh)
        rotated = vk.rotate(
            form.get("refresh_token", ""), form.get("client_id", ""), form.get("device_id", "")
        )
        return _pair(*rotated) if rotated else _refused("invalid_grant", "refresh_token is invalid")
    return _refused("unsupported_grant_type", "grant_type is unknown")


@blueprint.post("/oauth2/user_info")
def user_info() -> Response:
    """Show the person behind an access token."""
    grant = _granted()
    if grant is None:
        return _refused("invalid_token", "access_token is invalid")
    person = grant.person
    shown = {"user_id": str(person.id), "first_name": person.first_name, "last_name": person.last_name}
    return jsonify(user={**shown, "avatar": person.photo})


@blueprint.post("/oauth2/revoke", endpoint="revoke")
@blueprint.post("/oauth2/logout", endpoint="logout")
def let_go() -> Response:
    """Forget all that this token's person gave (revoke), or what was given with it alone (logout)."""
    if spoiled := transport_trouble():
        return spoiled
    grant = _granted()
    if grant is None:
        return _refused("invalid_token", "access_token is invalid")
    if request.endpoint == "vk_id.revoke":
        _vk().revoke_person(grant.person.id)
    else:
        _vk().end(grant)
    return jsonify(response=1)


@blueprint.route("/not-a-robot", methods=["GET", "POST"])
def not_a_robot() -> str:
    """Let the owner prove that they are no robot."""
    if request.method == "POST":
        _vk().pass_captcha()
    return render_template("sandbox/vk_robot.html", done=request.method == "POST")


def _problem() -> str | None:
    asked = request.args
    scope = asked.get("scope", "").split()
    checks = {
        "response_type": asked.get("response_type") == "code",
        "client_id или redirect_uri": is_registered(
            asked.get("client_id", ""), asked.get("redirect_uri", "")
        ),
        "state": STATE.fullmatch(asked.get("state", "")),
        "code_challenge": CHALLENGE.fullmatch(asked.get("code_challenge", "")),
        "code_challenge_method": asked.get("code_challenge_method", "").lower() == "s256",
        "scope": all(name in SCOPES for name in scope),
    }
    return next((name for name, good in checks.items() if not good), None)


def _fits(asked: Asked) -> bool:
    form = request.form
    verifier = form.get("code_verifier", "")
    digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    mine = (asked.client_id, asked.device_id, asked.redirect_uri, asked.challenge)
    theirs = (form.get("client_id"), form.get("device_id"), form.get("redirect_uri"), digest)
    return bool(VERIFIER.fullmatch(verifier)) and mine == theirs


def _granted() -> Grant | None:
    grant = _vk().grant_of(request.form.get("access_token", ""))
    return grant if grant and grant.client_id == request.form.get("client_id") else None


def _pair(grant: Grant, access_token: str) -> Response:
    answer: dict[str, Any] = {
        "access_token": access_token,
        "refresh_token": grant.refresh_token,
        "id_token": "eyJ0eXAiOiJKV1QifQ.e30.c2FuZGJveA",
        "token_type": "Bearer",
        "expires_in": int(_vk().token_seconds),
        "user_id": grant.person.id,
        "state": request.form["state"],
        "scope": " ".join(grant.scope),
    }
    return jsonify(answer)


def _refused(error: str, description: str) -> Response:
    response = jsonify(error=error, error_description=description)
    response.status_code = 200 if _vk().errors_with_status_200 else 400
    return response


def _with_policy(response: Response) -> Response:
    # Chromium lets a form lead only where the page's policy names, redirects included.
    parts = urlsplit(request.args["redirect_uri"])
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; "
        f"frame-ancestors 'none'; form-action 'self' {parts.scheme}://{parts.netloc}"
    )
    return response


def _vk() -> VkWorld:
    vk: VkWorld = current_app.extensions["sandbox"].vk
    return vk
