"""The form that connects Evotor."""

import re

from flask_wtf import FlaskForm
from wtforms import PasswordField, ValidationError
from wtforms.validators import DataRequired

from app.accounts.lengths import AtMost


class EvotorForm(FlaskForm):
    token = PasswordField(
        "Токен приложения",
        [
            DataRequired("Вставьте токен из кабинета Эвотора."),
            AtMost(500, "Это слишком длинно для токена. Скопируйте только его."),
        ],
        filters=[lambda text: text.strip() if text else text],
    )

    def validate_token(self, field: PasswordField) -> None:
        # The token travels in a header: printable ASCII without blanks is all that can.
        if not re.fullmatch(r"[!-~]+", field.data or ""):
            raise ValidationError("В токене только латинские буквы, цифры и знаки, без пробелов.")
