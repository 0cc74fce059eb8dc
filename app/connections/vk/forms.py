"""The form that chooses the community."""

from flask_wtf import FlaskForm
from wtforms import RadioField, ValidationError
from wtforms.validators import InputRequired


class CommunityForm(FlaskForm):
    """The community to publish into; its choices are what VK said a moment ago."""

    community_id = RadioField(
        "Сообщество",
        [InputRequired("Выберите сообщество.")],
        coerce=int,
        validate_choice=False,
    )

    def validate_community_id(self, field: RadioField) -> None:
        if field.data not in [value for value, _ in field.choices]:
            raise ValidationError("Этого сообщества нет в списке. Выберите другое.")
