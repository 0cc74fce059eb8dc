"""The forms that connect the accounts."""

import re

from flask_wtf import FlaskForm
from wtforms import PasswordField, RadioField, ValidationError
from wtforms.validators import DataRequired, InputRequired, Length


class EvotorForm(FlaskForm):
    token = PasswordField(
        "Токен приложения",
        [
            DataRequired("Вставьте токен из кабинета Эвотора."),
            Length(max=500, message="Это слишком длинно для токена. Скопируйте только его."),
        ],
        filters=[lambda text: text.strip() if text else text],
    )

    def validate_token(self, field: PasswordField) -> None:
        # The token travels in a header: printable ASCII without blanks is all that can.
        if not re.fullmatch(r"[!-~]+", field.data or ""):
            raise ValidationError("В токене только латинские буквы, цифры и знаки, без пробелов.")


class CommunityForm(FlaskForm):
    """The community to publish into; its choices are what VK says at this moment."""

    community_id = RadioField(
        "Сообщество",
        [InputRequired("Выберите сообщество.")],
        coerce=int,
        validate_choice=False,
    )

    def validate_community_id(self, field: RadioField) -> None:
        if field.data not in [value for value, _ in field.choices]:
            raise ValidationError("Этого сообщества нет в списке. Выберите другое.")
