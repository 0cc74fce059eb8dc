"""The settings written down."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError

from app.data.db import db
from app.data.engine import insert_or_update
from app.data.types import now
from app.publishing.planning.choosing import GroupChoice
from app.publishing.planning.good import Key
from app.publishing.planning.settings import Settings
from app.publishing.settings.already_public import keeping_public
from app.publishing.settings.models import GroupSettings, PublicationSettings
from app.publishing.settings.read import KEPT, settings_row


class Saved(NamedTuple):
    """The row of settings, and how many new goods stay in VK though others wait from now on."""

    row: PublicationSettings
    kept: int


def save_settings(user_id: int, chosen: Mapping[str, Any]) -> Saved:
    """Keep what the owner has chosen; what is not named keeps its value, or gets the default. Commits."""
    row = prepare_settings(user_id)
    with keeping_public(user_id) as kept:
        for name in KEPT:
            if name in chosen:
                setattr(row, name, chosen[name])
        row.configured_at = row.configured_at or now()
        row.updated_at = now()
    db.session.commit()
    return Saved(row, kept.count)


def save_group(user_id: int, key: Key, choice: GroupChoice) -> None:
    """Keep what the owner has chosen for a group; nothing chosen leaves no row. Commits."""
    own = {"user_id": user_id, "store_evotor_id": key[0], "group_evotor_id": key[1]}
    with keeping_public(user_id):
        if choice == GroupChoice():
            db.session.execute(delete(GroupSettings).filter_by(**own))
        else:
            statement = insert_or_update(db.engine.dialect.name, GroupSettings.__table__)
            statement = statement.values(**own, **choice._asdict())
            kept = {name: statement.excluded[name] for name in choice._fields}
            db.session.execute(statement.on_conflict_do_update(index_elements=list(own), set_=kept))
    note_new_plan(user_id)
    db.session.commit()


def note_new_plan(user_id: int) -> None:
    """Let what publishes by itself look at the plan, which is another one now. Does not commit."""
    noted = update(PublicationSettings).filter_by(user_id=user_id).values(updated_at=now())
    db.session.execute(noted.execution_options(synchronize_session=False))


def let_nothing_go_by_itself(user_id: int) -> None:
    """Keep changes until the owner publishes them, or lets them go by themselves again. Commits."""
    off = update(PublicationSettings).filter_by(user_id=user_id)
    # By itself the plan is looked at for nothing else: it is the same.
    off = off.values(auto=False, updated_at=PublicationSettings.updated_at)
    db.session.execute(off.execution_options(synchronize_session=False))
    db.session.commit()


def prepare_settings(user_id: int) -> PublicationSettings:
    """Find the owner's row, or begin it with the defaults, as long as nothing was chosen. Does not commit."""
    row = settings_row(user_id)
    if row is not None:
        return row
    defaults = {name: getattr(Settings(), name) for name in KEPT} | {"store_order": []}
    try:
        with db.session.begin_nested():
            row = PublicationSettings(user_id=user_id, **defaults)
            db.session.add(row)
    except IntegrityError:
        # Two first clicks at once: the other request has begun it.
        return db.session.get_one(PublicationSettings, user_id, populate_existing=True)
    return row
