"""Unbound extension objects; `create_app` binds them."""

from flask_babel import Babel
from flask_limiter import Limiter
from flask_login import LoginManager
from flask_migrate import Migrate
from flask_wtf import CSRFProtect

from app.web.attempts import COUNTED_FIRST
from app.web.security import visitor_network

migrate = Migrate()
login_manager = LoginManager()
csrf = CSRFProtect()
limiter = Limiter(visitor_network, strategy=COUNTED_FIRST)
babel = Babel()
