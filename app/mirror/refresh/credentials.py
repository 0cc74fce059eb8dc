"""The token that a run goes by: what another token was answered says nothing about the connection."""

from collections.abc import Callable
from typing import NamedTuple, Self

from sqlalchemy import Connection, select

from app.connections.models import CloudAccount
from app.connections.state import held_connection
from app.data import crypto
from app.data.db import db


class Tried(NamedTuple):
    """A connection as a run found it; `token` is what its credentials hold, or they if unreadable."""

    connection_id: int
    token: str

    @classmethod
    def of(cls, connection: CloudAccount) -> Self:
        """Remember what the connection has now."""
        return cls(connection.id, _token_in(connection.credentials))

    def is_current(self, transaction: Connection) -> bool:
        """Tell whether the connection still has this token."""
        kept = select(CloudAccount.credentials).filter_by(id=self.connection_id)
        credentials = transaction.scalar(kept)
        return credentials is not None and _token_in(credentials) == self.token

    def note(self, judge: Callable[[CloudAccount], object]) -> None:
        """Let `judge` note what the cloud answered, unless the owner has connected anew. Commits."""
        connection = db.session.scalar(held_connection(id=self.connection_id))
        if connection is not None and _token_in(connection.credentials) == self.token:
            judge(connection)
        db.session.commit()


def _token_in(credentials: str) -> str:
    try:
        return str(crypto.decrypt(credentials)["token"])
    except crypto.UnknownKey:
        # The same text under a lost key is the same token.
        return credentials
