"""What `rq cron` enqueues, and when."""

import os
import sys
from functools import partial

from rq import Queue, cron
from rq.serializers import JSONSerializer

from app.catalog.exports import forget_expired
from app.catalog.schedule import refresh_due_catalogues
from app.config import ConfigError, Settings
from app.work_queue import QUEUE_NAME

# RQ 3.0's scheduler has no setting for its serializer, and workers here read JSON only.
cron.Queue = partial(Queue, serializer=JSONSerializer)  # type: ignore[misc, assignment]

try:
    _interval = Settings.from_env(os.environ).catalog_refresh_interval_seconds
except ConfigError as error:
    sys.exit(f"Vitrina cannot start: {error}")
# Deletes workbooks whose links have expired.
cron.register(forget_expired, QUEUE_NAME, interval=3600, result_ttl=60)
if _interval:
    cron.register(refresh_due_catalogues, QUEUE_NAME, interval=_interval, result_ttl=60)
