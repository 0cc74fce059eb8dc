"""Plain pages for everything that goes wrong."""

import errno
import logging
from itertools import chain

from flask import Flask, current_app, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_limiter.errors import RateLimitExceeded
from flask_login import current_user
from flask_wtf import FlaskForm
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, DBAPIError, SQLAlchemyError
from werkzeug.exceptions import HTTPException

from app.data.db import db
from app.data.engine import FULL, trouble_of
from app.logs import route
from app.web.extensions import login_manager
from app.web.formatting import plural
from app.web.htmx import wants_fragment
from app.web.language import language
from app.web.security import local_path
from app.words import gettext_noop

log = logging.getLogger(__name__)

_TEXTS = {
    400: (
        gettext_noop("Не получилось открыть страницу"),
        gettext_noop("В адресе или в форме не хватает нужного значения."),
    ),
    401: (gettext_noop("Нужно войти"), gettext_noop("Войдите снова и повторите.")),
    403: (gettext_noop("Нет доступа"), gettext_noop("У вас нет права на это действие.")),
    404: (
        gettext_noop("Такой страницы нет"),
        gettext_noop("Возможно, её удалили или адрес набран с ошибкой."),
    ),
    405: (
        gettext_noop("Страницу нельзя открыть по ссылке"),
        gettext_noop("Вернитесь назад и воспользуйтесь кнопкой на странице."),
    ),
    413: (gettext_noop("Слишком много данных"), gettext_noop("Отправьте меньше данных за один раз.")),
    429: (gettext_noop("Слишком много сразу"), gettext_noop("Подождите минуту и повторите.")),
    500: (gettext_noop("Что-то сломалось у нас"), gettext_noop("Ваши данные целы. Повторите через минуту.")),
    503: (
        gettext_noop("Сервис временно недоступен"),
        gettext_noop("Ваши данные целы. Повторите через минуту."),
    ),
}
_ELSE = gettext_noop("Не получилось"), gettext_noop("Вернитесь назад и повторите.")

_KEPT_HEADERS = ("Retry-After", "Allow")
# What the server raises where a body is read that comes in pieces, and one of them is none.
_READING = "gunicorn.http.errors"
# It passes by itself.
_PASSING = (429, 500, 503)


def init_errors(app: Flask) -> None:
    """Register the error pages."""

    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> ResponseReturnValue:
        _settle_language()
        code = error.code or 500
        standard = HTTPException.description if code == 500 else type(error).description
        if isinstance(error, RateLimitExceeded):
            window = str(error.limit.limit.get_expiry())
            title = gettext("Слишком много попыток")
            return *_page(code, _how_long_to_wait(error), title), {"Retry-After": window}
        own_words = error.description if error.description != standard else None
        # With what it says of itself besides: how long to wait above all.
        headers = {name: value for name, value in error.get_headers() if name in _KEPT_HEADERS}
        return *_page(code, own_words), headers

    @app.errorhandler(CSRFError)
    def csrf_error(error: CSRFError) -> ResponseReturnValue:
        # The token ends with the session: a click on a page left open has to lead to the login.
        if wants_fragment() and not _is_somebody():
            return login_manager.unauthorized()
        _settle_language()
        return _page(400, gettext("Страница устарела. Откройте её заново и повторите действие."))

    @app.errorhandler(DBAPIError)
    def database_error(error: DBAPIError) -> ResponseReturnValue:
        trouble = trouble_of(error)
        if isinstance(error, DataError) and not _has_gone():
            # No value of ours: what was sent holds a sign or a number that the database cannot be asked for.
            log.error("unusable value on %s: %s", route(), error.orig)
            return _page(400)
        if trouble is None:
            return unexpected_error(error)
        # `orig` only: the statement's parameters may hold somebody's data.
        log.error("database error on %s: %s", route(), error.orig)
        # The page's template asks who is signed in; asking the database again would fail again.
        _take_for_nobody()
        return _page(503, gettext(trouble.page))

    @app.errorhandler(Exception)
    def unexpected_error(error: Exception) -> ResponseReturnValue:
        if _has_gone():
            # An upload may take minutes: nothing is wrong but that there is nobody any more to keep it for.
            log.info("the owner has gone before the end of %s: %s", route(), type(error).__name__)
            return login_manager.unauthorized()
        if type(error).__module__ == _READING:
            log.info("unreadable body on %s: %s", route(), type(error).__name__)
            return _page(400)
        if _is_disk_full(error):
            log.error("no space left on %s", route())
            return _page(503, gettext(FULL.page))
        if current_app.testing:
            raise error
        log.exception("unexpected error on %s", route())
        return _page(500)


def bad_request(sentence: str) -> tuple[str, int]:
    """The page that says which parameter is unusable and what to do."""
    return _page(400, sentence)


def bad_form(form: FlaskForm) -> tuple[str, int]:
    """The same for a form that our pages cannot have sent: the first of what is wrong with its fields."""
    return bad_request(next(str(said) for said in chain.from_iterable(form.errors.values())))


def too_large(sentence: str) -> tuple[str, int]:
    """The page that says how much may be sent at once."""
    return _page(413, sentence)


def _is_somebody() -> bool:
    """Tell whether somebody is signed in, or may be: the database does not say so while it is away."""
    try:
        return bool(current_user.is_authenticated)
    except DBAPIError:
        _take_for_nobody()
        return True


def _settle_language() -> None:
    """Find out whom the page speaks to, before it says a word: while the database is away, to a visitor."""
    try:
        language()
    except DBAPIError:
        _take_for_nobody()


def _take_for_nobody() -> None:
    """Let this request ask the database no more who is signed in."""
    g._login_user = login_manager.anonymous_user()


def _has_gone() -> bool:
    """Tell whether the owner who was signed in at the beginning of this request is so no more."""
    known = g.pop("_login_user", None)
    if known is None or known.is_anonymous:
        g._login_user = known or login_manager.anonymous_user()
        return False
    try:
        db.session.rollback()
        return current_user.is_anonymous
    except SQLAlchemyError:
        _take_for_nobody()
        return False


def _is_disk_full(error: BaseException | None) -> bool:
    """Tell whether a file could not be written for want of room, or what has come of that."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            return True
        error = error.__cause__ or error.__context__
    return False


def _how_long_to_wait(error: RateLimitExceeded) -> str | None:
    """Name the minutes: the limiter describes its limit in its own words."""
    minutes = error.limit.limit.get_expiry() // 60
    if minutes <= 1:
        return None
    span = plural(minutes, "минуту", "минуты", "минут")
    return gettext("Подождите %(span)s и повторите.", span=span)


def _page(code: int, message: str | None = None, title: str | None = None) -> tuple[str, int]:
    _settle_language()
    usual, standard = _TEXTS.get(code, _ELSE)
    # What was asked for may come at the second try; what was wrong stands on the page before.
    again = request.full_path.rstrip("?") if code in _PASSING and request.method == "GET" else None
    shown = {
        "title": title or gettext(usual),
        "message": message or gettext(standard),
        "again": again,
        "back": _page_before(),
    }
    try:
        return render_template("errors/error.html", code=code, **shown), code
    except DBAPIError as error:
        if trouble_of(error) is None:
            raise
        # Nobody handles what goes wrong on a page of errors: it is shown without asking who is signed in.
        log.error("database error on the page of an error, %s: %s", route(), error.orig)
        _take_for_nobody()
        return render_template("errors/error.html", code=code, **shown), code


def _page_before() -> str | None:
    """The page of ours that led here; not the one that is at fault itself."""
    page = local_path(request.referrer)
    return None if page == request.full_path.rstrip("?") else page
