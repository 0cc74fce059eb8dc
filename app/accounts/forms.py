"""Forms of registration, sign-in and the personal page."""

import re
from functools import cache
from zoneinfo import available_timezones

from email_validator import EmailNotValidError, validate_email
from flask_babel import gettext, lazy_gettext
from flask_login import current_user
from flask_wtf import FlaskForm
from sqlalchemy import select
from wtforms import EmailField, HiddenField, PasswordField, SelectField, StringField, ValidationError
from wtforms.validators import EqualTo, InputRequired, Length

from app.accounts import lengths
from app.accounts.lengths import AtMost
from app.accounts.models import User
from app.accounts.password_rules import weakness
from app.data.db import db
from app.data.types import DEFAULT_TIMEZONE
from app.web.language import LANGUAGES
from app.web.seen import SeenForm
from app.words import gettext_noop

SHORTEST_PASSWORD = 8
REQUIRED = InputRequired(lazy_gettext("Заполните это поле."))
_PASSWORD_SENTENCE = lazy_gettext(
    "Пароль должен быть не короче %(shortest)s и не длиннее %(longest)s знаков.",
    shortest=SHORTEST_PASSWORD,
    longest=lengths.PASSWORD,
)
SHORT_ENOUGH = AtMost(lengths.PASSWORD, _PASSWORD_SENTENCE)
LONG_ENOUGH = Length(SHORTEST_PASSWORD, message=_PASSWORD_SENTENCE)
GIVEN_EMAIL = AtMost(
    lengths.EMAIL,
    lazy_gettext("Адрес не бывает длиннее %(longest)s знаков. Проверьте его.", longest=lengths.EMAIL),
)
GIVEN_NAME = AtMost(lengths.NAME, lazy_gettext("Не длиннее %(longest)s знаков.", longest=lengths.NAME))
# Longer than any password that was ever taken, so that it says nothing but that it does not fit.
GIVEN_PASSWORD = AtMost(lengths.PASSWORD, lazy_gettext("Пароль не подошёл. Проверьте раскладку и Caps Lock."))
SAME_PASSWORD = EqualTo("password", lazy_gettext("Пароли не совпадают."))

# The zones of Russia first, in the words their people use.
RUSSIAN_ZONES = (
    ("Europe/Kaliningrad", gettext_noop("Калининград (МСК−1)")),
    ("Europe/Moscow", gettext_noop("Москва (МСК)")),
    ("Europe/Samara", gettext_noop("Самара (МСК+1)")),
    ("Asia/Yekaterinburg", gettext_noop("Екатеринбург (МСК+2)")),
    ("Asia/Omsk", gettext_noop("Омск (МСК+3)")),
    ("Asia/Novosibirsk", gettext_noop("Новосибирск, Красноярск (МСК+4)")),
    ("Asia/Irkutsk", gettext_noop("Иркутск (МСК+5)")),
    ("Asia/Yakutsk", gettext_noop("Якутск (МСК+6)")),
    ("Asia/Vladivostok", gettext_noop("Владивосток (МСК+7)")),
    ("Asia/Magadan", gettext_noop("Магадан (МСК+8)")),
    ("Asia/Kamchatka", gettext_noop("Камчатка (МСК+9)")),
)


@cache
def _other_zones() -> list[str]:
    # Looked for in hundreds of files.
    russian = {zone for zone, _ in RUSSIAN_ZONES}
    return sorted(zone for zone in available_timezones() if "/" in zone and zone not in russian)


_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def tidy(text: str | None) -> str | None:
    """Drop blanks around `text`, and control characters: nobody means them, and PostgreSQL stores no NUL.

    Takes a time in proportion to the length, so it may come before the length is looked at.
    """
    return _CONTROL.sub("", text).strip() if text else text


def normalize_email(text: str) -> str | None:
    """Give the one spelling of an address that is stored and looked up; None for what is no address."""
    # Normalising takes the square of the length.
    if len(text) > lengths.EMAIL:
        return None
    # In the head of a letter this begins a word that stands for another one.
    if "=?" in text:
        return None
    try:
        address = validate_email(text, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return None
    return address.normalized.lower()


def refuse_links(_form: FlaskForm, field: StringField) -> None:
    """Raise ValidationError for a name that is an address: letters carry names."""
    if "://" in (field.data or ""):
        raise ValidationError(gettext("Имя не может быть ссылкой."))


def refuse_weak(field: PasswordField, *known_of_owner: str | None) -> None:
    """Raise ValidationError for a password that others would guess."""
    if sentence := weakness(field.data or "", *known_of_owner):
        raise ValidationError(sentence)


class RegisterForm(FlaskForm):
    """tells_taken: where no letters are sent, the page alone can say that an address is taken."""

    email = EmailField(lazy_gettext("Электронная почта"), [REQUIRED, GIVEN_EMAIL], filters=[tidy])
    name = StringField(lazy_gettext("Как к вам обращаться"), [GIVEN_NAME, refuse_links], filters=[tidy])
    password = PasswordField(lazy_gettext("Пароль"), [REQUIRED, SHORT_ENOUGH, LONG_ENOUGH])
    password_confirm = PasswordField(lazy_gettext("Пароль ещё раз"), [REQUIRED, SHORT_ENOUGH, SAME_PASSWORD])

    def __init__(self, *, tells_taken: bool) -> None:
        super().__init__()
        self._tells_taken = tells_taken

    def validate_email(self, field: EmailField) -> None:
        address = normalize_email(field.data or "")
        if address is None:
            raise ValidationError(gettext("Проверьте адрес: нужен вид name@example.ru."))
        if self._tells_taken and db.session.scalar(select(User.id).filter_by(email=address)):
            raise ValidationError(gettext("Этот адрес уже зарегистрирован. Войдите или укажите другой."))

    def validate_password(self, field: PasswordField) -> None:
        refuse_weak(field, self.email.data, self.name.data)


class LoginForm(FlaskForm):
    email = EmailField(lazy_gettext("Электронная почта"), [REQUIRED, GIVEN_EMAIL], filters=[tidy])
    password = PasswordField(lazy_gettext("Пароль"), [REQUIRED, GIVEN_PASSWORD])
    next = HiddenField()


class ProfileForm(SeenForm):
    name = StringField(lazy_gettext("Имя"), [GIVEN_NAME, refuse_links], filters=[tidy])
    timezone = SelectField(lazy_gettext("Часовой пояс"), default=DEFAULT_TIMEZONE)
    language = SelectField(lazy_gettext("Язык"), choices=LANGUAGES)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        at_home = ((zone, gettext(name)) for zone, name in RUSSIAN_ZONES)
        self.timezone.choices = [*at_home, *((zone, zone.replace("_", " ")) for zone in _other_zones())]
        self.compare({name: getattr(current_user, name) for name in ("name", "timezone", "language")})


class OwnPasswordForm(FlaskForm):
    """A form that only the owner, who knows the password, may send."""

    def check_password(self, field: PasswordField) -> None:
        if not current_user.has_password(field.data or ""):
            raise ValidationError(gettext("Пароль не подошёл. Проверьте раскладку и Caps Lock."))


class PasswordForm(OwnPasswordForm):
    current_password = PasswordField(lazy_gettext("Текущий пароль"), [REQUIRED, GIVEN_PASSWORD])
    password = PasswordField(lazy_gettext("Новый пароль"), [REQUIRED, SHORT_ENOUGH, LONG_ENOUGH])
    password_confirm = PasswordField(
        lazy_gettext("Новый пароль ещё раз"), [REQUIRED, SHORT_ENOUGH, SAME_PASSWORD]
    )

    def validate_current_password(self, field: PasswordField) -> None:
        self.check_password(field)

    def validate_password(self, field: PasswordField) -> None:
        refuse_weak(field, current_user.email, current_user.name)


class ForgotForm(FlaskForm):
    email = EmailField(lazy_gettext("Электронная почта"), [REQUIRED, GIVEN_EMAIL], filters=[tidy])


class ResetForm(FlaskForm):
    """A new password for `owner`, whose link was opened."""

    password = PasswordField(lazy_gettext("Новый пароль"), [REQUIRED, SHORT_ENOUGH, LONG_ENOUGH])
    password_confirm = PasswordField(
        lazy_gettext("Новый пароль ещё раз"), [REQUIRED, SHORT_ENOUGH, SAME_PASSWORD]
    )

    def __init__(self, owner: User) -> None:
        super().__init__()
        self._owner = owner

    def validate_password(self, field: PasswordField) -> None:
        refuse_weak(field, self._owner.email, self._owner.name)


class ConfirmForm(FlaskForm):
    """One button."""


class DeleteForm(OwnPasswordForm):
    password = PasswordField(lazy_gettext("Пароль"), [REQUIRED, GIVEN_PASSWORD])

    def validate_password(self, field: PasswordField) -> None:
        self.check_password(field)
