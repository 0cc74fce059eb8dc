"""Stand-ins for the clouds the product talks to: same paths, same shapes, same strictness, switchable faults.

Nothing here is shared with the product: a stand-in that uses the product's own code would prove nothing.
"""

from flask import Flask, redirect
from werkzeug.wrappers import Response

from sandbox import control, evotor
from sandbox.shop import stock_demo
from sandbox.vk import api as vk_api
from sandbox.vk import id as vk_id
from sandbox.vk import uploads as vk_uploads
from sandbox.world import World


def create_app(world: World | None = None) -> Flask:
    """Build the WSGI app: Evotor at /evotor, VK at /vk-id, /vk-api and /vk-pictures, desk at /__sandbox__/.

    Without a `world` it serves the demo shop.
    """
    app = Flask(__name__, static_folder=None)
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.extensions["sandbox"] = world or World(stock_demo)
    app.register_blueprint(evotor.blueprint, url_prefix="/evotor")
    app.register_blueprint(vk_id.blueprint, url_prefix="/vk-id")
    app.register_blueprint(vk_api.blueprint, url_prefix="/vk-api")
    app.register_blueprint(vk_uploads.blueprint, url_prefix="/vk-pictures")
    app.register_blueprint(control.blueprint, url_prefix="/__sandbox__")

    @app.get("/")
    def home() -> Response:
        return redirect("/__sandbox__/")

    return app
