"""How often a password may be guessed: counted so that strangers never lock the owner out.

Wrong passwords count for the address they come from, for the pair of address and account, and for the
account. A browser from which the owner has signed in before has counts of its own, so whatever the world
does to an account, its owner still gets in.
"""

from typing import NamedTuple

from flask import Response, g, request
from flask_login import current_user

from app.accounts import lengths
from app.accounts.forms import normalize_email, tidy
from app.accounts.sessions import known_browser_of, owner_digest
from app.web.extensions import limiter
from app.web.security import visitor_network, visitor_site

PER_ADDRESS = "30 per 15 minutes"
# Somebody may have a great many networks of version 6 in one site of theirs.
PER_SITE = "120 per 15 minutes"
PER_PAIR = "10 per 15 minutes"
PER_ACCOUNT = "60 per hour"
PER_OWNER = "10 per 15 minutes"


def is_refused(response: Response) -> bool:
    """Tell whether a form came back with an error beside a field."""
    return response.status_code == 422


class _Guess(NamedTuple):
    """Whose password is guessed, and from which known browser, if any; asked for once a request."""

    account: str
    browser: str


def _guess() -> _Guess:
    if "guess" not in g:
        # As the sign-in looks it up: another spelling of an address must not begin a count of its own.
        text = (tidy(request.form.get("email")) or "")[: lengths.EMAIL + 1]
        email = normalize_email(text) or text
        g.guess = _Guess(owner_digest(email), known_browser_of(email))
    return g.guess


def _address() -> str:
    return _guess().browser or visitor_network()


def _site() -> str:
    return _guess().browser or visitor_site()


def _pair() -> str:
    return f"{_guess().account} {_address()}"


def _account() -> str:
    return f"{_guess().account} {_guess().browser}"


def _owner() -> str:
    return f"owner {current_user.id}" if current_user.is_authenticated else visitor_network()


limit_by_address = limiter.limit(PER_ADDRESS, key_func=_address, methods=["POST"], deduct_when=is_refused)
limit_by_site = limiter.limit(PER_SITE, key_func=_site, methods=["POST"], deduct_when=is_refused)
limit_by_pair = limiter.limit(PER_PAIR, key_func=_pair, methods=["POST"], deduct_when=is_refused)
limit_by_account = limiter.limit(PER_ACCOUNT, key_func=_account, methods=["POST"], deduct_when=is_refused)
# Registering, where the page itself says that an address is taken: see docs/security.md.
limit_registering_by_site = limiter.limit(PER_SITE, key_func=visitor_site, methods=["POST"])
# For the forms of a signed-in owner that ask for the password again.
limit_by_owner = limiter.limit(PER_OWNER, key_func=_owner, methods=["POST"], deduct_when=is_refused)
