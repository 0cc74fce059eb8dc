"""Whatever body comes with the right secret, a delivery is taken or refused in words, never with 500."""

import json
from typing import Any

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.checking_client import CheckingClient
from tests.owners import Owner

pytestmark = pytest.mark.databases("sqlite", "postgresql")

FUZZ = settings.get_profile("fuzz")
SECRET = "evotor-app-secret"
PATHS = (
    "/api/v1/user/token",
    "/api/v1/user/verify",
    "/installation/event",
    "/inventories/stores/{}/products",
)
FIELDS = (
    *("userId", "token", "username", "password", "customField", "id", "type", "timestamp", "version", "data"),
    *("productId", "uuid", "name", "price", "group", "barCodes", "parentUuid"),
)
WORDS = (
    *("", "1", "01-000000000000001", "ApplicationInstalled", "ApplicationUninstalled", "alice@example.org"),
    *("\0", "\ud800", "я" * 600, "demo-evotor-token", "чай-и-вода-2026"),
)
scalars = st.one_of(
    *(st.none(), st.booleans(), st.integers(), st.floats(), st.sampled_from(WORDS), st.text(max_size=20)),
    st.sampled_from([10**400, -(10**20), 1772800000000, 1e308, -0.0]),
)
names = st.one_of(st.sampled_from(FIELDS), st.text(max_size=5))
values = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(names, inner, max_size=6)),
    max_leaves=12,
)
# Whole messages with one or two fields spoilt get further than random ones.
GOOD: dict[str, Any] = {
    "userId": "01-000000000000001",
    "token": "a-token",
    "username": "alice@example.org",
    "password": "wrong",
    "id": "event-1",
    "type": "ApplicationInstalled",
    "timestamp": 1772800000000,
    "data": {"userId": "01-000000000000001"},
}
# Drawn by name, because a report of 50 000 brackets helps nobody.
BIG = {
    "deep array": b"[" * 50_000,
    "deep object": b'{"a":' * 12_000,
    "deep and whole": b"[" * 30_000 + b"]" * 30_000,
    "long number": b"1" * 6000,
    "long text": b'"' + b"a" * 70_000 + b'"',
    "another encoding": b"\xff\xfe[1]",
    "no number": b"[NaN]",
}
spoilt = st.dictionaries(names, values, max_size=2).map(lambda changes: {**GOOD, **changes})
bodies = st.one_of(
    spoilt.map(json.dumps).map(str.encode),
    values.map(json.dumps).map(str.encode),
    st.lists(spoilt, max_size=3).map(json.dumps).map(str.encode),
    st.binary(max_size=300),
    st.sampled_from(sorted(BIG)),
)
stores = st.sampled_from(["store-1", "%00", "я" * 300, "%ED%A0%80", "..", "a" * 256])
users = st.one_of(st.none(), st.sampled_from(["01-000000000000001", "", "x" * 100, "\xff"]))


def test_any_body_is_taken_or_refused(app: Flask, client: CheckingClient, alice: Owner) -> None:
    @settings(FUZZ)
    @given(
        st.sampled_from(PATHS), stores, bodies, users, st.sampled_from(["POST", "POST", "POST", "GET", "PUT"])
    )
    def no_answer_is_a_fault_of_ours(
        path: str, store: str, body: bytes | str, user: str | None, method: str
    ) -> None:
        headers = {"Authorization": f"Bearer {SECRET}"} | ({"X-Evotor-User-Id": user} if user else {})
        data = BIG[body] if isinstance(body, str) else body
        answer = client.open(path.format(store), method=method, data=data, headers=headers)
        assert answer.status_code in {200, 400, 401, 404, 405, 413, 429}

    no_answer_is_a_fault_of_ours()
