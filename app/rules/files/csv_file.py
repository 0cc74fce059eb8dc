"""All rules and conditions of an owner as a CSV file; `app.rules.files.read_file` reads it back."""

import csv
from collections.abc import Iterator

from sqlalchemy import cast, select

from app.data.db import db
from app.data.types import sorted_text
from app.mirror.models import CachedStore
from app.rules.criteria.written import written
from app.rules.decide import EXCLUDE, GROUP, INCLUDE, PRODUCT, STORE
from app.rules.models import SyncConfig, SyncFilter
from app.rules.read import policy_of
from app.web.csv_cells import text_cell

BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"
FILTER, NAME = "Фильтр", "Название"
HEADERS = ("Вид", "Магазин", NAME, "ID магазина", "ID", FILTER)
CONDITION = "Условие"
# Before the key of a condition: eight digits alone, «00123456» or «1234e567», are a number to a spreadsheet.
KEY_MARK = "id-"
KINDS = {STORE: "Магазин", GROUP: "Группа", PRODUCT: "Товар"}
MODES = {INCLUDE: "Включено", EXCLUDE: "Исключено", None: "Нет правила"}


def rules_as_csv(user_id: int) -> Iterator[str]:
    """Write every condition of the owner in their order, then every rule, stores first, piece by piece."""
    writer = csv.writer(_Echo(), lineterminator="\r\n")
    yield BOM + writer.writerow(HEADERS)
    for criterion in policy_of(user_id).criteria:
        words = text_cell(written(criterion))
        yield writer.writerow([CONDITION, "", words, "", KEY_MARK + criterion.key, MODES[criterion.mode]])
    rows = db.session.execute(
        select(
            SyncFilter.entity_type,
            CachedStore.name,
            SyncFilter.entity_name,
            SyncFilter.store_evotor_id,
            SyncFilter.entity_id,
            SyncFilter.filter_mode,
        )
        .join(SyncConfig, SyncConfig.id == SyncFilter.sync_config_id)
        .outerjoin(
            CachedStore,
            (CachedStore.user_id == user_id) & (CachedStore.evotor_id == SyncFilter.store_evotor_id),
        )
        .where(SyncConfig.user_id == user_id)
        .order_by(
            SyncFilter.entity_type.desc(),
            SyncFilter.store_evotor_id,
            cast(SyncFilter.entity_name, sorted_text(255)),
            SyncFilter.id,
        )
    )
    for kind, *texts, mode in rows:
        yield writer.writerow([KINDS[kind], *map(text_cell, texts), MODES[mode]])


class _Echo:
    """A file that hands back what is written, so that nothing is buffered."""

    def write(self, text: str) -> str:
        return text
