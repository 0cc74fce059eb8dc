"""A connection to PostgreSQL that no page waits for without end, and that leaves no statement behind.

A server that is frozen still holds its connections: no option of the server's or of TCP ends such a wait.
"""

import time
from typing import Any

import psycopg
import psycopg._queries
from flask import g, has_request_context
from psycopg.pq import TransactionStatus

# Between two answers of the server. No statement of a page takes as long but where `g.is_long_work` says so
# (see `app.data.engine.long_work`); those of jobs may.
PAGE_SECONDS = 30.0
# A million rules at once take a minute. A proxy waits a little longer than this: see docs/deploy.md.
LONG_SECONDS = 240.0
_LOOK_SECONDS = 0.1
# How often the server looks whether whoever asked is still there; else it would carry a statement to its end,
# with a processor and all locks, long after its page has given up or its process was killed.
ORPHAN_LOOK_MS = 3000
# The first release of PostgreSQL that can look.
_CAN_LOOK = 140_000

# Psycopg finds the parameters in a text anew each time when it is longer than 4096 letters; a page has one
# of ten thousand, always the same.
psycopg._queries.MAX_CACHED_STATEMENT_LENGTH = 2**14


class ImpatientConnection(psycopg.Connection[Any]):
    """Gives up, and is closed, when a page has waited for the server for too long."""

    @classmethod
    def connect(cls, *arguments: Any, **options: Any) -> "ImpatientConnection":
        """Connect as psycopg does."""
        connection = super().connect(*arguments, **options)
        if connection.info.server_version >= _CAN_LOOK:
            # Not while it connects: a pool of connections in between lets no option through.
            try:
                connection.execute(f"SET client_connection_check_interval = {ORPHAN_LOOK_MS}")
                connection.commit()
            except psycopg.errors.InvalidParameterValue:
                # Its system cannot tell: https://www.postgresql.org/docs/current/runtime-config-connection.html
                connection.rollback()
        return connection

    def wait(self, gen: Any, interval: float = _LOOK_SECONDS, timeout: float | None = None) -> Any:
        """Wait as psycopg does; raises OperationalError when a page's patience is at its end."""
        if timeout is not None or not has_request_context():
            return super().wait(gen, interval, timeout)
        began, patience = time.monotonic(), LONG_SECONDS if g.get("is_long_work") else PAGE_SECONDS
        try:
            return super().wait(gen, interval, patience)
        except psycopg.OperationalError:
            if time.monotonic() - began >= patience:
                # What the server would still say belongs to nobody.
                self.pgconn.finish()
            raise

    def rollback(self) -> None:
        """Roll back; what is prepared stays so.

        Psycopg forgets it then, since a transaction that is rolled back may have made types which statements
        name; ours never do. A page that has only read ends so, too, and never had anything prepared.

        A connection that is lost has lost its transaction, too: an answer that is ready must not fail for it.
        """
        if self.pgconn.transaction_status in (TransactionStatus.IDLE, TransactionStatus.UNKNOWN):
            return
        try:
            with self.lock:
                self.wait(self._exec_command(b"ROLLBACK"))
        except psycopg.OperationalError:
            if not self.closed:
                raise
