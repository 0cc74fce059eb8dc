"""All rules of an owner as a CSV file, and the file read back after a spreadsheet has changed it."""

import csv
import io
from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import select

from app.data.db import db
from app.mirror.models import CachedStore
from app.rules.decide import EXCLUDE, GROUP, INCLUDE, PRODUCT, STORE
from app.rules.models import SyncConfig, SyncFilter
from app.web.csv_cells import text_cell, text_of_cell

BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"
HEADERS = ("Вид", "Магазин", "Название", "ID магазина", "ID", "Фильтр")
_NEEDED = ("Вид", "ID магазина", "ID", "Фильтр")
_KINDS = {STORE: "Магазин", GROUP: "Группа", PRODUCT: "Товар"}
_MODES = {INCLUDE: "Включено", EXCLUDE: "Исключено", None: "Нет правила"}
_KIND_OF_WORD = {word.lower(): kind for kind, word in _KINDS.items()}
_MODE_OF_WORD = {word.lower(): mode for mode, word in _MODES.items()}
_DELIMITERS = (",", ";", "\t")
_LONGEST_ID = 255

Key = tuple[str, str, str]


class BadFile(ValueError):
    """The file cannot be read at all; the message is a sentence for the owner."""


class BadLine(ValueError):
    """One line cannot be used; the message is what follows its number."""


class Line(NamedTuple):
    """One rule of the file; `key` is (entity_type, store_id, entity_id), `mode` None takes the rule off."""

    number: int
    key: Key
    name: str
    mode: str | None


class Parsed(NamedTuple):
    """The usable lines, each rule once, and a sentence for every line that is not."""

    lines: list[Line]
    errors: list[str]


def rules_as_csv(user_id: int) -> Iterator[str]:
    """Write every rule of the owner, stores first, piece by piece."""
    writer = csv.writer(_Echo(), lineterminator="\r\n")
    yield BOM + writer.writerow(HEADERS)
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
            SyncFilter.entity_type.desc(), SyncFilter.store_evotor_id, SyncFilter.entity_name, SyncFilter.id
        )
    )
    for kind, *texts, mode in rows:
        yield writer.writerow([_KINDS[kind], *map(text_cell, texts), _MODES[mode]])


def parse_rules(content: bytes) -> Parsed:
    """Read a file of rules: UTF-8 or Windows-1251; comma, semicolon or tab. Raises BadFile."""
    text = _decode(content)
    if "\0" in text:
        raise BadFile("Это не текстовый файл. Сохраните таблицу как CSV.")
    delimiter = _delimiter(text)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        columns = {name.strip(): place for place, name in enumerate(next(rows))}
        return _parse(rows, columns)
    except csv.Error:
        raise BadFile(
            "Файл не похож на таблицу CSV. Скачайте правила заново и измените столбец «Фильтр»."
        ) from None


def _parse(rows: Iterator[list[str]], columns: dict[str, int]) -> Parsed:
    seen: dict[Key, Line] = {}
    errors = []
    for number, row in enumerate(rows, 2):
        if not any(cell.strip() for cell in row):
            continue
        cells = {name: text_of_cell(row[at].strip()) if at < len(row) else "" for name, at in columns.items()}
        try:
            line = _line(number, cells)
            known = seen.setdefault(line.key, line)
            if known.mode != line.mode:
                raise BadLine(f"то же самое уже решено иначе в строке {known.number}")
        except BadLine as error:
            errors.append(f"Строка {number}: {error}")
    return Parsed(list(seen.values()), errors)


def _line(number: int, cells: dict[str, str]) -> Line:
    kind = _KIND_OF_WORD.get(cells["Вид"].lower())
    if kind is None:
        raise BadLine(f"непонятный вид «{cells['Вид'][:40]}»: нужен Магазин, Группа или Товар")
    word = cells["Фильтр"].lower()
    if word not in _MODE_OF_WORD:
        raise BadLine(f"непонятный фильтр «{cells['Фильтр'][:40]}»: нужно Включено, Исключено, Нет правила")
    entity_id = cells["ID"]
    store_id = entity_id if kind == STORE else cells["ID магазина"]
    for value in (entity_id, store_id):
        if not value or len(value) > _LONGEST_ID:
            raise BadLine("нет ID: скачайте правила заново и не меняйте столбцы с ID")
    return Line(number, (kind, store_id, entity_id), cells.get("Название", ""), _MODE_OF_WORD[word])


def _decode(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1251", errors="replace")


def _delimiter(text: str) -> str:
    header = text.lstrip().partition("\n")[0]
    for delimiter in _DELIMITERS:
        names = {name.strip().strip('"') for name in header.split(delimiter)}
        if names.issuperset(_NEEDED):
            return delimiter
    raise BadFile("В первой строке нет столбцов Вид, ID магазина, ID и Фильтр. Скачайте правила заново.")


class _Echo:
    """A file that hands back what is written, so that nothing is buffered."""

    def write(self, text: str) -> str:
        return text
