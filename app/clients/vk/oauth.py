"""VK ID: OAuth 2.1 with PKCE."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlencode

from app.clients.errors import BadPayload, BadRequest, CloudError, RateLimited, Unauthorized, Unavailable
from app.clients.http import HttpSession
from app.clients.vk.payload import Tokens, load, read_tokens

__all__ = ["Challenge", "Tokens", "VkIdClient", "new_challenge"]

# The strings are not confirmed, so that the rest counts as our own mistake and not as the owner's.
REFUSED = frozenset({"invalid_grant", "invalid_token", "invalid_request", "expired_token", "access_denied"})
PASSING = frozenset({"server_error", "temporarily_unavailable", "internal_error"})
TOO_MANY = frozenset({"slow_down", "too_many_requests"})
STATUSES_WITH_BODY = frozenset({200, 400, 401, 403, 422})
ANSWER_DEADLINE = 20.0
BODY_LIMIT = 1024 * 1024


class Challenge(NamedTuple):
    """What begins one authorisation; `verifier` stays with us until the code comes back."""

    state: str
    verifier: str

    @property
    def code_challenge(self) -> str:
        """SHA-256 of the verifier, base64url without padding."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def new_challenge() -> Challenge:
    """Make a state and a verifier that nobody can guess."""
    return Challenge(secrets.token_urlsafe(32), secrets.token_urlsafe(64))


class VkIdClient:
    """Exchange, refresh and revoke tokens of one registered app.

    Every call reaches VK once: a code and a refresh token are good for one use only.
    Methods raise Unauthorized when the code or token is dead, else the other errors of `app.clients.errors`.
    """

    def __init__(
        self,
        base_url: str,
        client_id: str,
        *,
        ca_bundle: str | None = None,
        timeout: tuple[float, float] = (5, 10),
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._client_id = client_id
        self._http = HttpSession(
            base_url,
            headers={"Accept": "application/json"},
            timeout=timeout,
            ca_bundle=ca_bundle,
            body_limit=BODY_LIMIT,
            deadline=ANSWER_DEADLINE,
            statuses_with_body=STATUSES_WITH_BODY,
        )

    def __enter__(self) -> VkIdClient:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._http.close()

    # Reference: https://id.vk.com/about/business/go/docs/ru/vkid/latest/vk-id/connection/api-description
    def authorize_url(self, redirect_uri: str, challenge: Challenge, scope: str) -> str:
        """Build the address where the owner decides; `scope` is space separated."""
        query = {
            "response_type": "code",
            "client_id": self._client_id,
            "redirect_uri": redirect_uri,
            "state": challenge.state,
            "code_challenge": challenge.code_challenge,
            "code_challenge_method": "S256",
            "scope": scope,
        }
        return f"{self._base_url}/authorize?{urlencode(query)}"

    def exchange(self, code: str, challenge: Challenge, *, device_id: str, redirect_uri: str) -> Tokens:
        """Turn the code of the callback into tokens."""
        return self._tokens(
            {
                "grant_type": "authorization_code",
                "code": code,
                "code_verifier": challenge.verifier,
                "device_id": device_id,
                "redirect_uri": redirect_uri,
                "state": challenge.state,
            }
        )

    def refresh(self, refresh_token: str, *, device_id: str) -> Tokens:
        """Rotate the pair: keep the new one before anything else, the old one is dead."""
        return self._tokens(
            {
                "grant_type": "refresh_token",
                "refresh_token": refresh_token,
                "device_id": device_id,
                "state": secrets.token_urlsafe(32),
            }
        )

    def revoke(self, access_token: str) -> None:
        """Take back every right the owner gave to this app."""
        self._post("/oauth2/revoke", {"access_token": access_token})

    def logout(self, access_token: str) -> None:
        """End this one sign-in; what the owner gave to the app in others stays."""
        self._post("/oauth2/logout", {"access_token": access_token})

    def _tokens(self, form: Mapping[str, str]) -> Tokens:
        answer = self._post("/oauth2/auth", form)
        if answer.get("state") != form["state"]:
            raise BadPayload("the answer belongs to another request")
        return read_tokens(answer)

    def _post(self, path: str, form: Mapping[str, str]) -> dict[str, Any]:
        answered = self._http.post(path, {**form, "client_id": self._client_id}, tries=1)
        if not answered.body:
            raise BadPayload(f"POST {path}: status {answered.status}", status=answered.status)
        answer = load(answered.body)
        # Errors come with status 200 too.
        if "error" in answer or answered.status != 200:
            raise _failure(path, answered.status, answer.get("error"))
        return answer


def _failure(path: str, status: int, error: object) -> CloudError:
    # Only a known shape goes into the log: the rest may quote what was sent.
    name = error if isinstance(error, str) and re.fullmatch("[a-z_]{1,40}", error) else "unknown error"
    detail = f"POST {path}: {name}"
    for names, kind in ((REFUSED, Unauthorized), (PASSING, Unavailable), (TOO_MANY, RateLimited)):
        if name in names:
            return kind(detail, status=status)
    return BadRequest(detail, status=status)
