"""The owner's shop at VK for as long as a run works on it: a fresh token, and word when the shop is lost."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

from sqlalchemy import select

from app.clients.errors import BadPayload, CloudError, Forbidden, RateLimited, Unauthorized, Unavailable
from app.clients.vk.api import VkClient
from app.connections.evotor.account import ReconnectNeeded
from app.connections.may_publish import ChosenCommunity, community_of
from app.connections.models import VK, CloudAccount
from app.connections.problems import Problem, problem_of
from app.connections.state import mark_online
from app.connections.vk.account import note_vk_failure, vk_client
from app.connections.vk.tokens import access_token, secret_of
from app.data.db import db
from app.work.queue import QueueUnavailable

Answer = TypeVar("Answer")
# What says something of the connection; the rest is about what was asked.
_OF_THE_CONNECTION = (Unauthorized, Forbidden, RateLimited, Unavailable, BadPayload)


class MarketLost(Exception):
    """The owner has disconnected VK, or chosen another account or community: nothing more may be sent."""


class Market:
    """One owner's shop, from one thread inside the application's context; `community` is where it is."""

    def __init__(self, connection: CloudAccount, community: ChosenCommunity, **options: Any) -> None:
        self.community = community
        self._user_id = connection.user_id
        self._identity = (connection.id, connection.external_user_id, community.id)
        self._options = options
        self._token = ""
        self._client: VkClient | None = None

    def ask(self, call: Callable[[VkClient], Answer]) -> Answer:
        """Give what `call` returns of a client; once more with a new token when VK refuses the one we had.

        Commits before, so that no database connection is held while VK thinks. Raises MarketLost before
        anything is sent, CloudError, ReconnectNeeded or QueueUnavailable.
        """
        client = self._renewed(None)
        try:
            return call(client)
        except Unauthorized:
            # VK has done nothing of what it refuses this way, so that a writing call may be sent again.
            return call(self._renewed(self._token))

    def is_mine(self) -> bool:
        """Tell whether this still is the shop that the owner has chosen. Commits."""
        connection = self._read()
        db.session.commit()
        return connection is not None

    def note_problem(self, problem: CloudError | ReconnectNeeded | QueueUnavailable) -> Problem | None:
        """Record what VK answered; give the problem that now keeps goods from being sent. Commits.

        Nothing is noted of an answer about a single good, for a shop that is lost, or of a token that has
        been replaced meanwhile.
        """
        connection = self._read()
        if connection is None:
            return None
        is_noted = not isinstance(problem, CloudError) or isinstance(problem, _OF_THE_CONNECTION)
        if isinstance(problem, Unauthorized):
            with suppress(ReconnectNeeded):
                is_noted = secret_of(connection)["access_token"] == self._token
        if is_noted:
            note_vk_failure(connection, problem, believed=True)
        found = problem_of(VK, connection)
        db.session.commit()
        return found

    def note_success(self) -> None:
        """Record that goods can be sent. Commits."""
        connection = self._read()
        if connection is not None:
            mark_online(connection)
        db.session.commit()

    def close(self) -> None:
        """Close the connections to VK."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def _renewed(self, refused: str | None) -> VkClient:
        connection = self._read()
        if connection is None:
            db.session.commit()
            raise MarketLost
        token = access_token(connection, refused=refused)
        db.session.commit()
        if self._client is None or token != self._token:
            self.close()
            self._token, self._client = token, vk_client(token, **self._options)
        return self._client

    def _read(self) -> CloudAccount | None:
        """Read the connection as it is now, None when it is another one or leads elsewhere."""
        connection = db.session.scalar(
            select(CloudAccount)
            .filter_by(user_id=self._user_id, provider=VK)
            .execution_options(populate_existing=True)
        )
        chosen = community_of(connection)
        if connection is None or chosen is None:
            return None
        is_same = (connection.id, connection.external_user_id, chosen.id) == self._identity
        return connection if is_same else None


@contextmanager
def open_market(
    user_id: int, *, sleep: Callable[[float], object] = time.sleep, **limits: Any
) -> Iterator[Market]:
    """Open the shop that the owner has chosen, whatever its state; raises MarketLost when there is none.

    sleep, limits: of VkClient.
    """
    connection = db.session.scalar(select(CloudAccount).filter_by(user_id=user_id, provider=VK))
    community = community_of(connection)
    if connection is None or community is None:
        raise MarketLost
    market = Market(connection, community, sleep=sleep, **limits)
    try:
        yield market
    finally:
        market.close()
