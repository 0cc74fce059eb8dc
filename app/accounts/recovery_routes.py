"""A new password by a mailed link, and the confirmation of an address."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user, login_required
from sqlalchemy import select

from app.accounts.forms import ConfirmForm, ForgotForm, ResetForm, normalize_email
from app.accounts.models import User
from app.accounts.passwords import replace_password
from app.accounts.recovery import (
    confirm_address,
    letters_are_sent,
    owner_of_confirmation,
    owner_of_reset,
    request_confirmation_letter,
    request_reset_letter,
)
from app.accounts.sessions import begin_session
from app.data.db import db
from app.web.extensions import limiter
from app.web.language import offer
from app.words import gettext_noop
from app.work.queue import QueueUnavailable

recovery = Blueprint("recovery", __name__)

NOT_NOW = gettext_noop("Письмо сейчас не отправить. Повторите через минуту.")


@recovery.route("/password/forgot", methods=["GET", "POST"])
@limiter.limit("20 per hour", methods=["POST"])
def forgot() -> ResponseReturnValue:
    form = ForgotForm()
    can_send = letters_are_sent()
    if can_send and form.validate_on_submit():
        user_id = db.session.scalar(select(User.id).filter_by(email=normalize_email(form.email.data or "")))
        try:
            request_reset_letter(user_id)
        except QueueUnavailable:
            form.email.errors = [gettext(NOT_NOW)]
            return _forgot_page(form, can_send), 503
        return redirect(url_for("accounts.recovery.forgot", sent=1), 303)
    return _forgot_page(form, can_send), 422 if form.is_submitted() else 200


@recovery.route("/password/reset/<token>", methods=["GET", "POST"])
def reset(token: str) -> ResponseReturnValue:
    user = owner_of_reset(token)
    if user is None:
        return render_template("accounts/link_expired.html"), 410
    offer(user.language)
    form = ResetForm(user)
    if form.validate_on_submit():
        if not replace_password(user, form.password.data or ""):
            return render_template("accounts/link_expired.html"), 410
        begin_session(user)
        flash(gettext("Пароль изменён. На других устройствах придётся войти заново."), "success")
        return redirect(url_for("catalog.stores"), 303)
    page = render_template("accounts/reset.html", form=form, token=token, email=user.email)
    return page, 422 if form.is_submitted() else 200


@recovery.route("/email/confirm/<token>", methods=["GET", "POST"])
def confirm(token: str) -> ResponseReturnValue:
    user = owner_of_confirmation(token)
    if user is None:
        return render_template("accounts/link_expired.html"), 410
    offer(user.language)
    form = ConfirmForm()
    # Programs that look through letters open every link: it takes a click to confirm.
    if form.validate_on_submit() and user.email_confirmed_at is None:
        confirm_address(user)
        flash(gettext("Адрес подтверждён."), "success")
        return redirect(url_for("accounts.home"), 303)
    return render_template(
        "accounts/confirm.html",
        form=form,
        token=token,
        email=user.email,
        is_confirmed=user.email_confirmed_at is not None,
    )


@recovery.post("/email/confirm/send")
@login_required
@limiter.limit("20 per hour", key_func=lambda: f"letters {current_user.id}")
def send_confirmation() -> ResponseReturnValue:
    if not letters_are_sent():
        flash(gettext("Письма на этой установке не отправляются: подтверждать адрес не нужно."), "info")
    elif current_user.email_confirmed_at is None:
        try:
            request_confirmation_letter(current_user.id)
            flash(gettext("Письмо отправлено. Если его нет через пять минут, загляните в «Спам»."), "info")
        except QueueUnavailable:
            flash(gettext(NOT_NOW), "error")
    return redirect(url_for("accounts.profile"), 303)


def _forgot_page(form: ForgotForm, can_send: bool) -> str:
    return render_template(
        "accounts/forgot.html", form=form, can_send=can_send, is_sent=can_send and "sent" in request.args
    )
