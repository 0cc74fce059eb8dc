"""Commands of `flask`."""

import logging
import sys

import click
from cryptography.fernet import Fernet
from flask import Flask, current_app
from flask.cli import with_appcontext
from sqlalchemy import select

from app.data.db import db


def init_commands(app: Flask) -> None:
    """Register the commands."""
    app.cli.add_command(new_token_key)
    app.cli.add_command(rotate_token_keys)
    app.cli.add_command(doctor)
    app.cli.add_command(reset_link)
    app.cli.add_command(read_communities)
    app.cli.add_command(create_demo_owner)


@click.command("new-token-key")
def new_token_key() -> None:
    """Print a fresh key for TOKEN_KEYS."""
    click.echo(Fernet.generate_key().decode())


@click.command("rotate-token-keys")
@with_appcontext
def rotate_token_keys() -> None:
    """Encrypt every stored secret with the first of TOKEN_KEYS; run it again if it was interrupted."""
    from app.connections.key_rotation import rotate_secrets

    rotation = rotate_secrets()
    click.echo(
        f"{rotation.rotated} secrets encrypted anew, {rotation.current} were under the first key already."
    )
    if rotation.unreadable:
        raise click.ClickException(
            f"{len(rotation.unreadable)} secrets are under a key that is not in TOKEN_KEYS: "
            f"{', '.join(rotation.unreadable)}. Put the key back and run this again, "
            "or let their owners connect anew."
        )
    click.echo("The other keys may be removed from TOKEN_KEYS.")


@click.command("doctor")
@with_appcontext
def doctor() -> None:
    """Look at settings, database, queue, worker, clock and clouds; say what to do. Exit code 1: broken."""
    from app.operations.doctor import BROKEN, FINE, examine

    # It tells what kind of database it looks at, in the midst of the report.
    logging.getLogger("alembic.runtime.migration").setLevel(logging.WARNING)
    states = []
    for finding in examine(current_app.extensions["settings"]):
        states.append(finding.state)
        click.echo(f"{finding.state:<8} {finding.part}: {finding.seen}")
        if finding.state != FINE and finding.advice:
            click.echo(f"         → {finding.advice}")
    sys.exit(1 if BROKEN in states else 0)


@click.command("reset-link")
@click.argument("email")
@with_appcontext
def reset_link(email: str) -> None:
    """Print the link by which the owner EMAIL sets a new password; it works once, for an hour."""
    from app.accounts.forms import normalize_email
    from app.accounts.models import User
    from app.accounts.recovery import reset_url

    user = db.session.scalar(select(User).filter_by(email=normalize_email(email)))
    if user is None:
        raise click.ClickException("nobody is registered with this address.")
    click.echo(reset_url(user))


@click.command("read-communities")
@with_appcontext
def read_communities() -> None:
    """Let workers look at every community in VK, as after the database has come back from a copy.

    It knows nothing of what was sent since the copy was made: until a community is read, plans rely on it.
    """
    from app.publishing.run.auto import read_all_communities

    click.echo(f"{read_all_communities()} communities are being read.")


@click.command("create-demo-owner")
@click.option("--email", required=True)
@click.option("--password", required=True)
@click.option("--evotor-token", required=True)
def create_demo_owner(email: str, password: str, evotor_token: str) -> None:
    """Create an owner, or reset its password, and connect it to Evotor with the given token."""
    from app.accounts.models import User
    from app.clients.errors import CloudError
    from app.connections.evotor.account import connect_evotor

    user = db.session.scalar(select(User).filter_by(email=email.lower()))
    if user is None:
        user = User(email=email.lower(), name="Владелец чайной")
        db.session.add(user)
    if not user.password_hash or not user.has_password(password):
        user.set_password(password)
    db.session.flush()
    try:
        connect_evotor(user.id, evotor_token)
    except CloudError as error:
        raise click.ClickException(f"Evotor's cloud could not be asked for its stores: {error}.") from None
    db.session.commit()
