"""The form that connects Evotor."""

from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from wtforms import PasswordField, ValidationError
from wtforms.validators import DataRequired

from app.accounts.lengths import AtMost
from app.clients.evotor.client import can_be_sent


class EvotorForm(FlaskForm):
    token = PasswordField(
        lazy_gettext("Токен приложения"),
        [
            DataRequired(lazy_gettext("Вставьте токен из кабинета Эвотора.")),
            AtMost(500, lazy_gettext("Это слишком длинно для токена. Скопируйте только его.")),
        ],
        filters=[lambda text: text.strip() if text else text],
    )

    def validate_token(self, field: PasswordField) -> None:
        if not can_be_sent(field.data or ""):
            raise ValidationError(gettext("В токене только латинские буквы, цифры и знаки, без пробелов."))
