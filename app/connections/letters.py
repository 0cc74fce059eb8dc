"""One letter to the owner for each change of a connection's state."""

from functools import partial

from flask import current_app, render_template
from flask_babel import force_locale, gettext
from sqlalchemy import select, update

from app.accounts.models import User
from app.connections.cards import state_of, title_of
from app.connections.models import EVOTOR, VK, CloudAccount
from app.connections.problems import problem_of
from app.data.db import db
from app.web.language import translated
from app.words import gettext_noop
from app.work.jobs import job
from app.work.letter_turns import Letter, send_in_turns, send_noted
from app.work.mail import Mailer

_TITLES_WITH = {EVOTOR: gettext_noop("Эвотором"), VK: gettext_noop("ВКонтакте")}


@job
def send_due_letters(after: int = 0) -> None:
    """Write to the owners of connections past the key `after` whose state is not the one they know; commits.

    Without a mail server the states count as known, so that its arrival brings no news of long ago.
    """
    if not current_app.extensions["settings"].smtp_url:
        db.session.execute(
            update(CloudAccount)
            .where(CloudAccount.status != CloudAccount.reported_status)
            .values(reported_status=CloudAccount.status)
        )
        db.session.commit()
        return
    changed = db.session.scalars(
        select(CloudAccount.id)
        .where(CloudAccount.status != CloudAccount.reported_status, CloudAccount.id > after)
        .order_by(CloudAccount.id)
    ).all()
    db.session.commit()
    with Mailer(current_app.extensions["settings"]) as mailer:
        letters = ((key, partial(_send_letter, mailer, key)) for key in changed)
        send_in_turns(send_due_letters, letters, after=after)


def _send_letter(mailer: Mailer, connection_id: int) -> None:
    row = db.session.execute(
        select(CloudAccount, User)
        .join(User, User.id == CloudAccount.user_id)
        .filter(CloudAccount.id == connection_id)
    ).one_or_none()
    if row is None:
        return
    connection, owner = row
    known, status = connection.reported_status, connection.status
    with force_locale(owner.language):
        letter = Letter(owner.id, owner.email, _subject(connection), _body(connection, owner))
    send_noted(
        mailer,
        letter,
        note=partial(_note_reported, connection_id, known, status),
        take_back=partial(_note_reported, connection_id, status, known),
    )


def _note_reported(connection_id: int, known: str, status: str) -> bool:
    statement = (
        update(CloudAccount)
        .where(CloudAccount.id == connection_id, CloudAccount.reported_status == known)
        .where(CloudAccount.reported_status != status)
        .values(reported_status=status)
        .returning(CloudAccount.id)
        .execution_options(synchronize_session=False)
    )
    noted = db.session.scalar(statement) is not None
    db.session.commit()
    return noted


def _subject(connection: CloudAccount) -> str:
    return f"{title_of(connection.provider)}: {state_of(connection).lower()}"


def _body(connection: CloudAccount, owner: User) -> str:
    public_url = current_app.extensions["settings"].public_url.rstrip("/")
    return render_template(
        "mail/connection.txt",
        name=owner.greeting,
        title=title_of(connection.provider),
        title_with=gettext(_TITLES_WITH[connection.provider]),
        problem=problem_of(connection.provider, connection),
        state_text=state_of(connection),
        # What follows the semicolon is advice for somebody who looks at a page.
        reason=translated(connection.last_error or "").partition(";")[0],
        url=f"{public_url}/connections",
    )
