"""Flask-Admin over our table of goods, as it comes: the WSGI application `app`; DATABASE names the file."""

import os

from flask import Flask
from flask_admin import Admin
from flask_admin.contrib.sqla import ModelView
from sqlalchemy import MetaData, create_engine
from sqlalchemy.ext.automap import automap_base
from sqlalchemy.orm import scoped_session, sessionmaker

engine = create_engine(f"sqlite:///{os.environ['DATABASE']}")
metadata = MetaData()
metadata.reflect(engine, only=["cached_products"])
base = automap_base(metadata=metadata)
base.prepare()


class Goods(ModelView):
    """The columns that our list shows, fifty to a page."""

    page_size = 50
    column_list = ("name", "article_number", "price", "quantity", "measure_name", "allow_to_sell")
    column_searchable_list = ("name",)


app = Flask(__name__)
app.secret_key = os.urandom(16)
Admin(app).add_view(
    Goods(base.classes.cached_products, scoped_session(sessionmaker(engine)), name="Goods", endpoint="goods")
)
