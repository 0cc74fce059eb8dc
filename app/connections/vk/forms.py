"""The form that chooses the community."""

from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from wtforms import RadioField, ValidationError
from wtforms.validators import InputRequired


class CommunityForm(FlaskForm):
    """The community to publish into; its choices are what VK said a moment ago."""

    community_id = RadioField(
        lazy_gettext("Сообщество"),
        [InputRequired(lazy_gettext("Выберите сообщество."))],
        coerce=int,
        validate_choice=False,
    )

    def validate_community_id(self, field: RadioField) -> None:
        if field.data not in [value for value, _ in field.choices]:
            raise ValidationError(gettext("Этого сообщества нет в списке. Выберите другое."))
