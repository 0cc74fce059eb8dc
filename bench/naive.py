"""The baseline of a refresh, in a process of its own: delete everything and insert it again through the ORM.

`python -m bench.naive DATABASE_URL CLOUD_URL TOKEN` prints one line of JSON.
"""

import json
import logging
import sys
import time

from sqlalchemy import delete

from app.clients.evotor.client import EvotorClient, read_sent
from app.data.db import db
from app.data.types import now
from app.mirror.models import CachedProduct
from app.mirror.product_row import GOODS_COLUMNS, goods_values
from bench.memory import peak_mb
from bench.product import application, prepare


def main() -> None:
    """Read the same goods through the same client, and keep them the simple way."""
    database_url, cloud_url, token = sys.argv[1:]
    logging.disable(logging.INFO)
    with application(database_url).app_context():
        user_id = prepare()
        started, goods = time.perf_counter(), 0
        db.session.execute(delete(CachedProduct).filter_by(user_id=user_id))
        with EvotorClient(cloud_url, token) as client:
            for store in client.stores():
                place = {"user_id": user_id, "store_evotor_id": store.id, "fetched_at": now()}
                for page in client.products(store.id):
                    goods += len(page)
                    db.session.add_all(
                        CachedProduct(
                            **place,
                            evotor_id=product.id,
                            **dict(zip(GOODS_COLUMNS, goods_values(product, ""), strict=True)),
                        )
                        for product in read_sent(page)
                    )
        db.session.commit()
        seconds = time.perf_counter() - started
        print(json.dumps({"seconds": seconds, "goods": goods, "peak_mb": peak_mb()}))


if __name__ == "__main__":
    main()
