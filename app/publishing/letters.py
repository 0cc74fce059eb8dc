"""A letter to the owner of a publication that stands still: one a day at most, and for a week at most."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial

from flask import current_app, render_template
from flask_babel import force_locale
from sqlalchemy import Select, or_, select, update

from app.accounts.models import User
from app.data.db import db
from app.data.types import now
from app.publishing.settings.models import PublicationSettings
from app.publishing.standstill import Standstill, standstill_of
from app.rules.models import SyncConfig
from app.work.jobs import job
from app.work.letter_turns import Letter, send_in_turns, send_noted
from app.work.mail import Mailer

_ONE_EVERY = timedelta(days=1)
_FOR = timedelta(days=7)


@job
def write_of_standstills(after: int = 0) -> None:
    """Write to owners past the key `after` whose publication is on and stands still.

    Nothing without a mail server.
    """
    settings = current_app.extensions["settings"]
    if not settings.smtp_url:
        return
    with Mailer(settings) as mailer:
        send_in_turns(write_of_standstills, _due(mailer, after), after=after)


def _due(mailer: Mailer, after: int) -> Iterator[tuple[int, Callable[[], None]]]:
    for user_id, written_to_at, language in db.session.execute(_owners(after)).all():
        with force_locale(language):
            found = standstill_of(user_id)
        if found is not None and now() - found.since <= _FOR:
            yield user_id, partial(_write, mailer, user_id, written_to_at, found)


def _owners(after: int) -> Select[int, datetime | None, str]:
    """Owners who may be written to now; an address that nobody has confirmed may be anybody's."""
    written = PublicationSettings.written_to_at
    return (
        select(PublicationSettings.user_id, written, User.language)
        .join(SyncConfig, SyncConfig.user_id == PublicationSettings.user_id)
        .join(User, User.id == PublicationSettings.user_id)
        .where(
            PublicationSettings.user_id > after,
            SyncConfig.is_enabled,
            User.email_confirmed_at.is_not(None),
            # In the future: written before the clock was set back.
            or_(written.is_(None), written < now() - _ONE_EVERY, written > now() + _ONE_EVERY),
        )
        .order_by(PublicationSettings.user_id)
    )


def _write(mailer: Mailer, user_id: int, known: datetime | None, found: Standstill) -> None:
    owner = db.session.get(User, user_id)
    if owner is None:
        return
    with force_locale(owner.language):
        letter = Letter(user_id, owner.email, found.title, _body(owner, found))
    moment = now()
    send_noted(
        mailer,
        letter,
        note=partial(_note, user_id, known, moment),
        take_back=partial(_note, user_id, moment, known),
    )


def _note(user_id: int, known: datetime | None, moment: datetime | None) -> bool:
    statement = (
        update(PublicationSettings)
        .where(
            PublicationSettings.user_id == user_id,
            PublicationSettings.written_to_at.is_not_distinct_from(known),
        )
        # What the owner has chosen is not changed by it.
        .values(written_to_at=moment, updated_at=PublicationSettings.updated_at)
        .returning(PublicationSettings.user_id)
        .execution_options(synchronize_session=False)
    )
    noted = db.session.scalar(statement) is not None
    db.session.commit()
    return noted


def _body(owner: User, found: Standstill) -> str:
    public_url = current_app.extensions["settings"].public_url.rstrip("/")
    return render_template(
        "mail/standstill.txt",
        name=owner.greeting,
        found=found,
        left=found.run.left,
        url=f"{public_url}/sync/publish/{found.run.id}",
    )
