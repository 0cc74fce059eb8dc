"""Commands of `flask`."""

import click
from cryptography.fernet import Fernet
from flask import Flask
from sqlalchemy import select

from app.extensions import db


def init_commands(app: Flask) -> None:
    """Register the commands."""
    app.cli.add_command(new_token_key)
    app.cli.add_command(create_demo_owner)


@click.command("new-token-key")
def new_token_key() -> None:
    """Print a fresh key for TOKEN_KEYS."""
    click.echo(Fernet.generate_key().decode())


@click.command("create-demo-owner")
@click.option("--email", required=True)
@click.option("--password", required=True)
@click.option("--evotor-token", required=True)
def create_demo_owner(email: str, password: str, evotor_token: str) -> None:
    """Create an owner, or reset its password, and connect it to Evotor with the given token."""
    from app.accounts.models import User
    from app.connections.evotor import connect_evotor

    user = db.session.scalar(select(User).filter_by(email=email.lower()))
    if user is None:
        user = User(email=email.lower(), name="Владелец чайной")
        db.session.add(user)
    if not user.password_hash or not user.has_password(password):
        user.set_password(password)
    db.session.flush()
    connect_evotor(user.id, evotor_token)
    db.session.commit()
