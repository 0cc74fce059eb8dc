"""A bound on what a body of JSON costs once it is objects, told from its bytes."""

from __future__ import annotations

from app.clients.errors import BadPayload


def refuse_too_many_values(body: bytes | bytearray, most: int) -> None:
    """Raise BadPayload when the body may hold more than `most` values.

    Each value stands behind a bracket, a brace or a comma; those in texts count too. A value costs up to
    some 300 bytes as an object and only two in the body, so that the length alone says little.
    """
    if sum(body.count(sign) for sign in (b",", b"[", b"{")) > most:
        raise BadPayload(f"the body may hold more than {most} values")
