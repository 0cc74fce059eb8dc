"""The WSGI application for gunicorn and the `flask` command."""

import os
import sys

from app.config import ConfigError, Settings
from app.factory import create_app
from app.logs import configure_logging

configure_logging()
try:
    app = create_app(Settings.from_env(os.environ))
except ConfigError as error:
    sys.exit(f"Vitrina cannot start: {error}")
