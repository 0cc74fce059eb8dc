"""The master switch and the default for goods without a rule."""

from typing import NamedTuple

from sqlalchemy import bindparam, select

from app.data.compiled import read_value
from app.data.types import now
from app.rules.changes.apply import change_at_once, lock_config
from app.rules.changes.plan import DEFAULT, SWITCH
from app.rules.models import RuleChange, SyncConfig
from app.words import Sentence

DEFAULT_TITLE = Sentence("Товары без правила")
SWITCH_TITLE = Sentence("Публикация")
# Built once: it is asked before every call to VK.
_IS_ON = select(SyncConfig.is_enabled).filter_by(user_id=bindparam("user_id"))


class ConfirmationNeeded(Exception):
    """Synchronisation has never been confirmed, and this request does not confirm it."""


class Wanted(NamedTuple):
    """What the form asks for; None leaves a thing as it is."""

    is_enabled: bool | None
    default_mode: str | None
    is_confirmed: bool


def is_on(user_id: int) -> bool:
    """Tell whether the owner's goods may be sent at this moment."""
    return bool(read_value(_IS_ON, {"user_id": user_id}))


def save(user_id: int, wanted: Wanted) -> list[RuleChange]:
    """Save the switch and the default, each as a step of the history. Does not commit.

    Raises ConfirmationNeeded, saving nothing, when the first switching on is not confirmed.
    """
    config = lock_config(user_id)
    if wanted.is_enabled and config.confirmed_at is None:
        if not wanted.is_confirmed:
            raise ConfirmationNeeded
        config.confirmed_at = now()
    steps = []
    if wanted.default_mode is not None and wanted.default_mode != config.default_mode:
        steps.append(change_at_once(user_id, DEFAULT, DEFAULT_TITLE, default_mode=wanted.default_mode))
    if wanted.is_enabled is not None and wanted.is_enabled != config.is_enabled:
        steps.append(change_at_once(user_id, SWITCH, SWITCH_TITLE, is_enabled=wanted.is_enabled))
    return [step for step in steps if step is not None]
