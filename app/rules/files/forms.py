"""The form that takes a file of rules."""

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField


class RulesFileForm(FlaskForm):
    """`file`, and `remove_missing` (1): take off the rules and conditions that the file does not name."""

    file = FileField(lazy_gettext("Файл CSV"), [FileRequired(lazy_gettext("Выберите файл."))])
    remove_missing = BooleanField(lazy_gettext("Убрать правила и условия, которых нет в файле"))
