"""The two kinds of runs that publication has, and what to say when they cannot begin."""

from app.publishing.run.models import MarketReading, Publication
from app.words import gettext_noop
from app.work.runs.life import Runs

publications = Runs(
    Publication,
    "publication",
    no_queue=gettext_noop(
        "Очередь заданий недоступна, поэтому публикация не началась. Повторите через несколько минут"
    ),
)
readings = Runs(
    MarketReading,
    "reading",
    no_queue=gettext_noop(
        "Очередь заданий недоступна, поэтому чтение не началось. Повторите через несколько минут"
    ),
)
