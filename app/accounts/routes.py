"""Registration, sign-in, sign-out and the personal page."""

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user, login_required
from sqlalchemy.exc import IntegrityError

from app.accounts.forms import (
    ConfirmForm,
    DeleteForm,
    LoginForm,
    PasswordForm,
    ProfileForm,
    RegisterForm,
    ResetForm,
    normalize_email,
)
from app.accounts.guessing import (
    is_refused,
    limit_by_account,
    limit_by_address,
    limit_by_owner,
    limit_by_pair,
    limit_by_site,
    limit_registering_by_site,
)
from app.accounts.hashing import slow_hash
from app.accounts.leaving import delete_owner
from app.accounts.models import User
from app.accounts.passwords import end_sessions, owner_with
from app.accounts.recovery import letters_are_sent
from app.accounts.recovery_routes import NOT_NOW, recovery
from app.accounts.registration import finish_registration as finish
from app.accounts.registration import is_begun_here, registration_in, request_registration
from app.accounts.sessions import begin_session, end_session, owner_of_session
from app.data.db import db
from app.web.extensions import limiter, login_manager
from app.web.htmx import page_of_fragment, redirect_whole_page, wants_fragment
from app.web.language import choose, language
from app.web.security import local_path
from app.work.queue import QueueUnavailable

accounts = Blueprint("accounts", __name__)
accounts.register_blueprint(recovery)

login_manager.login_view = "accounts.login"


@login_manager.user_loader
def load_user(session_id: str) -> User | None:
    return owner_of_session(session_id)


@login_manager.unauthorized_handler
def ask_to_sign_in() -> ResponseReturnValue:
    if wants_fragment():
        # A click on a page that was left open: back to that page, and say why it has gone.
        login_url = url_for("accounts.login", next=local_path(page_of_fragment()), ended=1)
        return "", 401, {"HX-Redirect": login_url}
    came_from = request.full_path.rstrip("?") if request.method == "GET" else local_path(request.referrer)
    # Whoever had signed in is told why the page has gone; a visitor was never there.
    ended = 1 if "_user_id" in session else None
    return redirect(url_for("accounts.login", next=came_from, ended=ended), 303)


@accounts.get("/")
def home() -> ResponseReturnValue:
    return redirect(url_for("catalog.stores" if current_user.is_authenticated else "accounts.login"))


@accounts.route("/register", methods=["GET", "POST"])
@limiter.limit("30 per hour", methods=["POST"], deduct_when=lambda response: response.status_code == 303)
@limiter.limit("60 per hour", methods=["POST"], deduct_when=is_refused)
@limit_registering_by_site
def register() -> ResponseReturnValue:
    if current_user.is_authenticated:
        return redirect(url_for("catalog.stores"))
    form = RegisterForm(tells_taken=not letters_are_sent())
    if form.validate_on_submit() and letters_are_sent():
        return _ask_for_letter(form)
    if form.validate_on_submit():
        user = User(email=normalize_email(form.email.data), name=form.name.data or None, language=language())
        user.set_password(form.password.data)
        db.session.add(user)
        try:
            db.session.commit()
        except IntegrityError:
            # Two clicks at once: the other request has registered this address a moment ago.
            db.session.rollback()
            return redirect(url_for("accounts.login"), 303)
        begin_session(user)
        flash(gettext("Добро пожаловать! Начните с Эвотора: оттуда придут ваши товары."), "success")
        return redirect(url_for("connections.index"), 303)
    return _register_page(form), _status(form)


@accounts.route("/register/<token>", methods=["GET", "POST"])
def finish_registration(token: str) -> ResponseReturnValue:
    """Begin the account that a mailed link is about; programs that look through letters open every link."""
    begun = registration_in(token)
    if begun is None:
        return _link_is_spent(token)
    # What a stranger may have typed opens nothing: who reads the letter chooses the password.
    form = ConfirmForm() if begun.is_same_browser else ResetForm(User(email=begun.email))
    if not form.validate_on_submit():
        page = render_template("accounts/begin.html", form=form, token=token, email=begun.email)
        return page, 422 if form.errors else 200
    user = finish(token, form.password.data if isinstance(form, ResetForm) else None)
    if user is None:
        return _link_is_spent(token)
    begin_session(user)
    flash(gettext("Добро пожаловать! Начните с Эвотора: оттуда придут ваши товары."), "success")
    return redirect(url_for("connections.index"), 303)


def _link_is_spent(token: str) -> ResponseReturnValue:
    if not is_begun_here(token):
        return render_template("accounts/link_expired.html"), 410
    flash(gettext("Аккаунт уже создан. Войдите с паролем, который вы выбрали."), "info")
    return redirect(url_for("accounts.login"), 303)


@accounts.route("/login", methods=["GET", "POST"])
@limit_by_address
@limit_by_site
@limit_by_pair
@limit_by_account
def login() -> ResponseReturnValue:
    form = LoginForm()
    asked_for = form.next.data if form.is_submitted() else request.args.get("next")
    form.next.data = local_path(asked_for) or ""
    if current_user.is_authenticated:
        return redirect(_after_login(form))
    if form.validate_on_submit():
        user = owner_with(form.email.data or "", form.password.data or "")
        if user is not None:
            begin_session(user)
            return redirect(_after_login(form), 303)
        form.password.errors = [gettext("Адрес или пароль не подошли. Проверьте раскладку и Caps Lock.")]
    return render_template("accounts/login.html", form=form), _status(form)


@accounts.post("/logout")
@login_required
def logout() -> ResponseReturnValue:
    end_session()
    return redirect_whole_page(url_for("accounts.login"))


@accounts.post("/language", endpoint="language")
def choose_language() -> ResponseReturnValue:
    """Speak to a visitor as they have chosen; an owner's language is beside their time zone."""
    choose(request.form.get("language", ""))
    return redirect(local_path(request.form.get("back")) or url_for("accounts.home"), 303)


@accounts.route("/profile", methods=["GET", "POST"])
@login_required
def profile() -> ResponseReturnValue:
    form = ProfileForm(obj=current_user)
    if form.validate_on_submit():
        form.populate_obj(current_user)
        db.session.commit()
        choose(current_user.language)
        flash(gettext("Сохранено."), "success")
        return redirect(url_for("accounts.profile"), 303)
    status = form.refused if form.is_submitted() else 200
    return _profile_page(form, PasswordForm(formdata=None)), status


@accounts.post("/profile/password")
@login_required
@limit_by_owner
def change_password() -> ResponseReturnValue:
    form = PasswordForm()
    if form.validate_on_submit():
        user = db.session.get_one(User, current_user.id)
        if not end_sessions(user, password_hash=slow_hash(form.password.data or "")):
            return ask_to_sign_in()
        begin_session(user)
        flash(gettext("Пароль изменён. На других устройствах придётся войти заново."), "success")
        return redirect(url_for("accounts.profile"), 303)
    return _profile_page(ProfileForm(obj=current_user, formdata=None), form), _status(form)


@accounts.post("/profile/sign-out-elsewhere")
@login_required
def sign_out_elsewhere() -> ResponseReturnValue:
    user = db.session.get_one(User, current_user.id)
    if not end_sessions(user):
        return ask_to_sign_in()
    begin_session(user)
    flash(gettext("Вы вышли на всех других устройствах."), "success")
    return redirect(url_for("accounts.profile"), 303)


@accounts.route("/profile/delete", methods=["GET", "POST"])
@login_required
@limit_by_owner
def delete_account() -> ResponseReturnValue:
    form = DeleteForm()
    if form.validate_on_submit():
        # Another click may be deleting the same account at this moment: nothing below needs the row.
        user_id = current_user.id
        # Before the next: what the listeners say has to outlive the session.
        end_session()
        delete_owner(user_id)
        flash(gettext("Аккаунт и все его данные удалены."), "info")
        return redirect(url_for("accounts.login"), 303)
    return render_template("accounts/delete.html", form=form), _status(form)


def _profile_page(profile_form: ProfileForm, password_form: PasswordForm) -> str:
    return render_template("accounts/profile.html", profile_form=profile_form, password_form=password_form)


def _register_page(form: RegisterForm) -> str:
    is_sent = letters_are_sent() and "sent" in request.args
    return render_template("accounts/register.html", form=form, is_sent=is_sent)


def _ask_for_letter(form: RegisterForm) -> ResponseReturnValue:
    """Answer the same whether the address has an account: the letter tells its reader alone."""
    try:
        request_registration(
            normalize_email(form.email.data) or "", form.name.data or None, form.password.data
        )
    except QueueUnavailable:
        form.email.errors = [gettext(NOT_NOW)]
        return _register_page(form), 503
    return redirect(url_for("accounts.register", sent=1), 303)


def _after_login(form: LoginForm) -> str:
    return form.next.data or url_for("catalog.stores")


def _status(form: LoginForm | RegisterForm | PasswordForm | DeleteForm) -> int:
    return 422 if form.is_submitted() else 200
