"""A file of rules, or of a list with them, read back from a spreadsheet: by line, as much as is allowed."""

import codecs
import csv
import io
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from typing import IO, NamedTuple

from flask_babel import gettext

from app.rules.decide import STORE
from app.rules.files.csv_file import CONDITION, FILTER, KEY_MARK, KINDS, MODES, NAME
from app.rules.files.layouts import (
    OF_GOODS,
    OF_RULES,
    READ,
    NoStore,
    StoresByName,
    as_rule,
    is_of_rules,
    kind_of_list,
)
from app.web.csv_cells import text_of_cell
from app.web.formatting import number as grouped
from app.words import gettext_noop

MOST_LINES = 100_000
MOST_COLUMNS = 50
LONGEST_LINE = 10_000
_KIND_OF_WORD = {word.lower(): kind for kind, word in KINDS.items()}
_MODE_OF_WORD = {word.lower(): mode for mode, word in MODES.items()}
_DELIMITERS = (",", ";", "\t")
_LONGEST_ID = 255
_PIECE_BYTES = 64 * 1024
_NOT_ALL = gettext_noop(
    "Это файл каталога: всех правил и условий в нём нет. Снимите отметку «Убрать правила и условия, которых"
    " нет в файле» и выберите файл ещё раз."
)

Key = tuple[str, str, str]


class BadFile(ValueError):
    """The file cannot be read at all; the message is a sentence for the owner."""


class _BadLine(ValueError):
    """One line cannot be used; the message is what follows its number."""


class Line(NamedTuple):
    """One rule of the file; `key` is (entity_type, store_id, entity_id), `mode` None takes the rule off."""

    number: int
    key: Key
    name: str
    mode: str | None


class ConditionLine(NamedTuple):
    """One condition of the file by its key, "" for a new one; `mode` None takes it off."""

    number: int
    key: str
    words: str
    mode: str | None


class Refused(NamedTuple):
    """A line that cannot be used, and why."""

    number: int
    reason: str


def read_rules(
    content: IO[bytes], stores: StoresByName, *, holds_all: bool = False
) -> Iterator[Line | ConditionLine | Refused]:
    """Read a file of rules, or of a list of the catalogue: UTF-8 or Windows-1251; comma, semicolon or tab.

    A list names stores, whose ids are looked up in `stores`. Yields every rule once, and conditions, in the
    order of the lines. Raises BadFile, also amid the lines, and for a list that shall hold all rules.
    """
    text = io.TextIOWrapper(content, _encoding(content), errors="replace", newline="")
    try:
        lines = _lines(text)
        header = next(lines, "")
        delimiter = _delimiter(header)
        (names,) = csv.reader([header], delimiter=delimiter)
        if len(names) > MOST_COLUMNS:
            raise BadFile(
                gettext("В файле больше %(most)s столбцов. Скачайте правила заново.", most=MOST_COLUMNS)
            )
        places = {name.strip(): place for place, name in enumerate(names)}
        kind = None if is_of_rules(places) else kind_of_list(places)
        if kind and holds_all:
            raise BadFile(gettext(_NOT_ALL))
        yield from _rules(csv.reader(lines, delimiter=delimiter), places, kind, stores)
    except csv.Error:
        raise BadFile(
            gettext(
                "Файл не похож на таблицу CSV. Скачайте правила заново и измените столбец «%(filter)s».",
                filter=FILTER,
            )
        ) from None
    finally:
        # The stream belongs to whoever has opened it.
        text.detach()


def _rules(
    rows: Iterator[list[str]], places: dict[str, int], kind: str | None, stores: StoresByName
) -> Iterator[Line | ConditionLine | Refused]:
    # Digests, because a hundred thousand keys with their ids would take too much memory.
    seen: dict[bytes, tuple[int, str | None]] = {}
    for number, row in enumerate(rows, 2):
        if not any(map(str.strip, row)):
            continue
        cells = {name: _cell(row, places.get(name)) for name in READ}
        try:
            if kind:
                cells = as_rule(cells, kind, stores)
            if cells["Вид"].lower() == CONDITION.lower():
                key = cells["ID"].removeprefix(KEY_MARK)
                yield ConditionLine(number, key, cells[NAME], _mode(cells[FILTER]))
                continue
            line = _line(number, cells)
            first, mode = seen.setdefault(_digest(line.key), (number, line.mode))
            if mode != line.mode:
                raise _BadLine(gettext("то же самое уже решено иначе в строке %(number)s", number=first))
        except (_BadLine, NoStore) as error:
            yield Refused(number, str(error))
        else:
            if first == number:
                yield line


def _line(number: int, cells: dict[str, str]) -> Line:
    kind = _KIND_OF_WORD.get(cells["Вид"].lower())
    if kind is None:
        raise _unfit(cells["Вид"], [*KINDS.values(), CONDITION])
    mode = _mode(cells[FILTER])
    entity_id = cells["ID"]
    store_id = entity_id if kind == STORE else cells["ID магазина"]
    for value in (entity_id, store_id):
        if not value or len(value) > _LONGEST_ID:
            raise _BadLine(gettext("нет ID: скачайте правила заново и не меняйте столбцы с ID"))
    return Line(number, (kind, store_id, entity_id), cells[NAME], mode)


def _mode(word: str) -> str | None:
    if word.lower() not in _MODE_OF_WORD:
        raise _unfit(word, MODES.values())
    return _MODE_OF_WORD[word.lower()]


def _unfit(word: str, allowed: Iterable[str]) -> _BadLine:
    return _BadLine(
        gettext("«%(word)s» не подходит. Допустимо: %(words)s", word=word[:40], words=", ".join(allowed))
    )


def _cell(row: list[str], place: int | None) -> str:
    return text_of_cell(row[place].strip()) if place is not None and place < len(row) else ""


def _digest(key: Key) -> bytes:
    return blake2b("\0".join(key).encode(errors="replace"), digest_size=16).digest()


def _lines(text: io.TextIOWrapper) -> Iterator[str]:
    for count in range(MOST_LINES + 2):
        line = text.readline(LONGEST_LINE + 1)
        if not line:
            return
        if len(line) > LONGEST_LINE:
            raise BadFile(
                gettext("Строка %(number)s слишком длинная. Скачайте правила заново.", number=count + 1)
            )
        yield line
    raise BadFile(
        gettext("В файле больше %(most)s строк. Разделите его на несколько.", most=grouped(MOST_LINES))
    )


def _encoding(content: IO[bytes]) -> str:
    decoder = codecs.getincrementaldecoder("utf-8")()
    encoding = "utf-8-sig"
    while piece := content.read(_PIECE_BYTES):
        if b"\0" in piece:
            raise BadFile(gettext("Это не текстовый файл. Сохраните таблицу как CSV."))
        encoding = _still(encoding, decoder, piece)
    encoding = _still(encoding, decoder, b"", final=True)
    content.seek(0)
    return encoding


def _still(encoding: str, decoder: codecs.IncrementalDecoder, piece: bytes, *, final: bool = False) -> str:
    """The encoding that the file can still have after one more piece of it."""
    if encoding != "utf-8-sig":
        return encoding
    try:
        decoder.decode(piece, final)
    except UnicodeDecodeError:
        return "cp1251"
    return encoding


def _delimiter(header: str) -> str:
    for delimiter in _DELIMITERS:
        names = {name.strip().strip('"') for name in header.split(delimiter)}
        if is_of_rules(names) or kind_of_list(names):
            return delimiter
    raise BadFile(
        gettext(
            "В первой строке нет столбцов файла правил (%(rules)s) или каталога (%(list)s)."
            " Скачайте файл заново.",
            rules=", ".join(OF_RULES),
            list=", ".join(OF_GOODS),
        )
    )
