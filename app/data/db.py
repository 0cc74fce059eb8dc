"""The session of a request or a job; `create_app` binds it."""

from flask_sqlalchemy import SQLAlchemy

from app.data.base import Base

db = SQLAlchemy(model_class=Base)
