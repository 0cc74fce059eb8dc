"""The owner's shop at VK for as long as a run works on it: a fresh token, and word when the shop is lost."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from flask import current_app
from sqlalchemy import bindparam, select

from app.clients.errors import BadPayload, CloudError, Forbidden, RateLimited, Unauthorized, Unavailable
from app.clients.pacing import Budget
from app.clients.vk.session import VkSession
from app.connections.may_publish import ChosenCommunity, chosen_community_id, community_of
from app.connections.models import VK, CloudAccount
from app.connections.problems import Problem, problem_of
from app.connections.secret import ReconnectNeeded, secret_of
from app.connections.state import mark_online
from app.connections.vk.account import note_vk_failure
from app.connections.vk.tokens import access_token
from app.data.compiled import read_rows
from app.data.db import db
from app.work.budget import budget_of
from app.work.queue import QueueUnavailable

# What says something of the connection; the rest is about what was asked.
_OF_THE_CONNECTION = (Unauthorized, Forbidden, RateLimited, Unavailable, BadPayload)

# Built once: what stands for the shop is read again before every call.
_USER_ID = bindparam("user_id", type_=CloudAccount.user_id.type)
_SHOP = select(CloudAccount.id, CloudAccount.external_user_id, chosen_community_id(_USER_ID)).filter_by(
    user_id=_USER_ID, provider=VK
)
_AS_IT_IS = (
    select(CloudAccount)
    .filter_by(user_id=bindparam("user_id"), provider=VK)
    .execution_options(populate_existing=True)
)
_HELD = _AS_IT_IS.with_for_update()


class MarketLost(Exception):
    """The owner has disconnected VK, or chosen another account or community: nothing more may be sent."""


class NotWanted(MarketLost):
    """The owner does not want anything sent any more, though the shop still is theirs."""


class MarketClosed(Exception):
    """There is no token to ask with: `error` says why, `problem` what the owner sees of it."""

    def __init__(self, error: CloudError, problem: Problem | None) -> None:
        super().__init__(str(error))
        self.error = error
        self.problem = problem


class OpenMarket:
    """One owner's shop, from one thread inside the application's context; `community` is where it is.

    Calls go through `session`: before each of them the shop is looked at again, and MarketLost ends the call
    when it is not the owner's choice any more; a token that VK refuses is exchanged, under a lock.
    """

    def __init__(
        self,
        connection: CloudAccount,
        community: ChosenCommunity,
        token: str,
        is_wanted: Callable[[], bool],
        **options: Any,
    ) -> None:
        self.community = community
        self._user_id = connection.user_id
        self._identity = (connection.id, connection.external_user_id, community.id)
        self._token = token
        settings = current_app.extensions["settings"]
        self.session = VkSession(
            settings.vk_api_url,
            self._token,
            ca_bundle=settings.vk_ca_bundle,
            budget=_WhileMine(
                self.is_mine, is_wanted, budget_of(current_app, VK, settings.vk_calls_per_second)
            ),
            budget_key=str(connection.external_user_id),
            renew=self._renewed,
            **options,
        )

    def is_mine(self) -> bool:
        """Tell whether this still is the shop that the owner has chosen. Commits."""
        found = read_rows(_SHOP, {"user_id": self._user_id})
        db.session.commit()
        return found == [self._identity]

    def note_problem(self, problem: CloudError | ReconnectNeeded | QueueUnavailable) -> Problem | None:
        """Record what VK answered; give the problem that now keeps goods from being sent. Commits.

        Nothing is noted of an answer about a single good, for a shop that is lost, or of a token that has
        been replaced meanwhile.
        """
        connection = self._read(is_locked=True)
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

    def _renewed(self, refused: str) -> str:
        connection = self._read()
        if connection is None:
            db.session.commit()
            raise MarketLost
        self._token = _fresh_token(connection, refused=refused)
        db.session.commit()
        return self._token

    def _read(self, *, is_locked: bool = False) -> CloudAccount | None:
        """Read the connection as it is now, None when it is another one or leads elsewhere.

        is_locked: nothing that its owner chooses before the commit is written over.
        """
        connection = db.session.scalar(_HELD if is_locked else _AS_IT_IS, {"user_id": self._user_id})
        chosen = community_of(connection)
        if connection is None or chosen is None:
            return None
        is_same = (connection.id, connection.external_user_id, chosen.id) == self._identity
        return connection if is_same else None


class _WhileMine(Budget):
    """A budget that gives no more slots once the shop is lost, or nothing is to be sent."""

    def __init__(self, is_mine: Callable[[], bool], is_wanted: Callable[[], bool], budget: Budget) -> None:
        self._is_mine = is_mine
        self._is_wanted = is_wanted
        self._budget = budget

    @contextmanager
    def acquire(
        self, key: str, timeout: float, sleep: Callable[[float], object] = time.sleep
    ) -> Iterator[None]:
        """Wait for a slot as the budget does; raises MarketLost, and what `is_wanted` raises."""
        with self._budget.acquire(key, timeout, sleep):
            # After the wait, in which the process itself may have stood still for minutes.
            if not self._is_mine():
                raise MarketLost
            if not self._is_wanted():
                raise NotWanted
            yield

    def _take(self, key: str, slot: str) -> float:
        return self._budget._take(key, slot)

    def _settle(self, key: str, slot: str) -> None:
        self._budget._settle(key, slot)


@contextmanager
def open_market(
    user_id: int,
    community_id: int,
    *,
    sleep: Callable[[float], object] = time.sleep,
    is_wanted: Callable[[], bool] = lambda: True,
    **limits: Any,
) -> Iterator[OpenMarket]:
    """Open this community's shop, whatever its state; raises MarketLost when it is not the owner's choice.

    is_wanted: asked before each call, which NotWanted ends when it tells no, and whatever it raises.
    sleep, limits: of VkSession.
    Raises MarketClosed when there is no token to be had.
    """
    connection = db.session.scalar(_AS_IT_IS, {"user_id": user_id})
    community = community_of(connection)
    if connection is None or community is None or community.id != community_id:
        raise MarketLost
    try:
        token = _fresh_token(connection)
    except CloudError as error:
        note_vk_failure(connection, error, believed=True)
        problem = problem_of(VK, connection)
        db.session.commit()
        raise MarketClosed(error, problem) from error
    # No database connection is held while VK thinks.
    db.session.commit()
    market = OpenMarket(connection, community, token, is_wanted, sleep=sleep, **limits)
    try:
        yield market
    finally:
        market.session.close()


def _fresh_token(connection: CloudAccount, *, refused: str | None = None) -> str:
    """Give a token that should work; whatever keeps it from us is a CloudError."""
    try:
        return access_token(connection, refused=refused)
    except ReconnectNeeded as error:
        raise Unauthorized(str(error)) from error
    except QueueUnavailable as error:
        raise Unavailable("the lock of the tokens cannot be asked for") from error
