"""Unbound extension objects; `create_app` binds them."""

from flask_babel import Babel
from flask_login import LoginManager

from app.web.counted_first import COUNTED_FIRST, PatientLimiter
from app.web.csrf import MaskedCSRF
from app.web.security import visitor_network

login_manager = LoginManager()
csrf = MaskedCSRF()
limiter = PatientLimiter(visitor_network, strategy=COUNTED_FIRST)
babel = Babel()
