"""What the page that disconnects an account sends."""

from flask_wtf import FlaskForm
from wtforms import StringField


class DisconnectForm(FlaskForm):
    """The account that its owner has seen named: a page of long ago must not disconnect a newer one."""

    seen = StringField()
