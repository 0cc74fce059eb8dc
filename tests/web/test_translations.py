"""Nothing that an owner reads is without its English, and every translation holds what its sentence holds."""

import ast
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from babel.messages.catalog import Message
from flask_babel import force_locale, gettext, pgettext
from jinja2 import Environment, nodes

from app.config import ROOT
from run.collect_messages import KEYWORDS, catalogue_of, collected, is_russian
from run.collect_messages import Message as Collected

_TAGS = re.compile("<[^>]*>")
# Words that stay Russian, by file: what VK or a file is to hold, and what is looked for.
RUSSIAN: dict[str, tuple[object, ...]] = {
    "app/accounts/password_rules.py": (
        "йцукенгшщзхъфывапролджэячсмитьбюё",
        *("пароль", "привет", "любовь", "солнышко", "солнце", "наташа", "марина", "максим", "андрей"),
        *("сергей", "светлана", "александр", "екатерина", "кристина", "дмитрий", "николай", "владимир"),
        *("вероника", "спартак", "зенит", "россия", "москва", "медведь", "котенок", "ангел", "любимая"),
        *("люблю", "мамочка", "витрина", "эвотор", "вконтакте", "магазин", "администратор", "секрет"),
        "доступ",
    ),
    "app/catalog/export/csv_stream.py": (
        *("Включено", "Исключено", "Нет правила", "Да", "Нет"),
        *("Название", "Адрес", "Фильтр", "Магазин", "Группа", "Артикул", "Цена", "Количество"),
        *("Ед. измерения", "В продаже"),
    ),
    "app/catalog/lists/what_changed.py": ("Магазин", "Название", "Изменение", "Было", "Стало"),
    "app/mirror/folding.py": ("ё", "е"),
    "app/mirror/keyboard.py": ("йцукенгшщзхъфывапролджэячсмитьбюе",),
    "app/mirror/search.py": ("Ё", "Е", "ё", "е"),
    "app/operations/cli.py": ("Владелец чайной",),
    "app/publishing/feed/categories.py": ("*",),
    "app/publishing/feed/routes.py": ("Витрина",),
    "app/publishing/pages/plan_file.py": ("*",),
    "app/publishing/planning/composing.py": ("*",),
    "app/publishing/planning/desired.py": ("*",),
    "app/publishing/planning/pricing.py": ("*",),
    "app/publishing/planning/settings.py": ("*",),
    "app/publishing/planning/sku.py": ("*",),
    "app/publishing/planning/texts.py": ("*",),
    "app/rules/criteria/written.py": (
        "остаток меньше 3; цена от 100 до 500; нет цены; нет фото; тип: услуга; в названии слово «чай»",
        "меньше",
        "не больше",
        "не меньше",
        "равен",
        ",? и как часть слова$",
        "цена(?: от (?P<low>(?:(?! до ).)+))?(?: до (?P<high>.+))?",
        "нет цены",
        "нет фото",
        "тип: ?(?P<type>.+)",
        "в названии (?:слово|слова|есть) (?P<text>.+)",
        "остаток (?P<bound>",
        "нулю",
    ),
    "app/rules/files/csv_file.py": (
        "Условие",
        "Фильтр",
        "Название",
        "Вид",
        "Магазин",
        "ID магазина",
        "Группа",
        "Товар",
        "Включено",
        "Исключено",
        "Нет правила",
    ),
    "app/rules/files/layouts.py": ("Вид", "ID магазина", "Магазин", "Группа", "Адрес"),
    "app/rules/files/read_file.py": ("ID магазина", "Вид"),
    "app/rules/files/routes.py": ("остаток меньше 5",),
    "app/web/language.py": ("Русский",),
}
_VALUE = re.compile(r"%\(\w+\)s|%%")


def untranslated_python(path: Path) -> Iterator[str]:
    tree, name = ast.parse(path.read_text()), str(path.relative_to(ROOT))
    known: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _called(node) in KEYWORDS:
            known |= {id(each) for argument in node.args for each in ast.walk(argument)}
        elif isinstance(node, ast.Expr):
            # Docstrings.
            known.add(id(node.value))
    allowed = RUSSIAN.get(name, ())
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or id(node) in known or "*" in allowed:
            continue
        if is_russian(node.value) and node.value not in allowed:
            yield f"{name}:{node.lineno}: {node.value!r}"


def _called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def untranslated_template(path: Path, environment: Environment) -> Iterator[str]:
    tree = environment.parse(path.read_text())
    known = {
        id(each)
        for call in tree.find_all(nodes.Call)
        if isinstance(call.node, nodes.Name) and call.node.name in KEYWORDS
        for argument in call.args
        for each in (argument, *argument.find_all(nodes.Const))
    }
    for text in tree.find_all((nodes.TemplateData, nodes.Const)):
        value = text.data if isinstance(text, nodes.TemplateData) else getattr(text, "value", None)
        if id(text) not in known and is_russian(value):
            yield f"{path.relative_to(ROOT)}:{text.lineno}: {' '.join(str(value).split())}"


def english() -> list[Message]:
    return [message for message in catalogue_of("en") if message.id]


def _is_said(known: Mapping[Any, object], message: Collected) -> bool:
    said = known.get(message)
    return all(said) if isinstance(said, (tuple, list)) else bool(said)


def _values(sentence: str) -> Counter[str]:
    return Counter(_VALUE.findall(sentence))


def test_every_sentence_of_the_code_goes_by_the_catalogue():
    found = [line for path in sorted((ROOT / "app").rglob("*.py")) for line in untranslated_python(path)]
    assert not found, "\n".join(found)


def test_every_word_of_a_template_goes_by_the_catalogue(app):
    paths = [path for path in sorted((ROOT / "templates").rglob("*.*")) if path.suffix in (".html", ".txt")]
    found = [line for path in paths for line in untranslated_template(path, app.jinja_env)]
    assert not found, "\n".join(found)


def test_the_catalogue_holds_what_is_said_and_all_of_it_in_english():
    known = {(message.id, message.context): message.string for message in english()}
    missing = [
        f"{place}: {message}" for message, place in collected().items() if not _is_said(known, message)
    ]
    assert not missing, "\n".join(missing)
    assert known.keys() <= collected().keys(), "said no more: make messages"


def test_english_is_not_russian_and_holds_the_same_values():
    for message in english():
        said = message.string if isinstance(message.string, str) else " ".join(message.string or ())
        assert not is_russian(said)
        if isinstance(message.id, str):
            assert _values(message.id) == _values(said), message.id
            assert _TAGS.findall(message.id) == _TAGS.findall(said), message.id


def test_a_word_is_said_by_its_context(app):
    def said(template: str) -> str:
        return app.jinja_env.from_string(template).render()

    with app.test_request_context(), force_locale("en"):
        assert said("{{ _('Включить') }}, {{ pgettext('rule', 'Включить') }}") == "Switch on, Include"
        assert said("{{ _('Загрузить') }}, {{ pgettext('photo', 'Загрузить') }}") == "Load, Upload"
        assert (pgettext("cell", "нет цены"), gettext("нет цены")) == ("no price", "there is no price")
    with app.test_request_context():
        assert said("{{ pgettext('rule', 'Включить') }}") == pgettext("rule", "Включить") == "Включить"
