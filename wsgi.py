"""The WSGI application for gunicorn and the `flask` command."""

import os
import sys

from app.config import ConfigError, Settings
from app.factory import create_app
from app.logs import configure_logging
from app.work.memory import give_memory_back

configure_logging()
# Before gunicorn's threads begin: each would keep the most that a page of a big shop ever took.
give_memory_back()
try:
    app = create_app(Settings.from_env(os.environ))
except ConfigError as error:
    sys.exit(f"Vitrina cannot start: {error}")
