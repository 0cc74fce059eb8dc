"""Which passwords are too easy to guess."""

from functools import lru_cache
from itertools import pairwise

from flask_babel import gettext

# The keys of both layouts: a Russian word typed on the Latin one, and the other way round, is no secret.
_LATIN = "qwertyuiop[]asdfghjkl;'zxcvbnm,.`"
_CYRILLIC = "йцукенгшщзхъфывапролджэячсмитьбюё"
_TO_LATIN = str.maketrans(_CYRILLIC, _LATIN)
_AROUND = "0123456789!@#$%^&*()-_+=.?, "
# Russian words that lists of leaked passwords have among the first, see haveibeenpwned.com/Passwords.
_RUSSIAN_WORDS = (
    *("пароль", "привет", "любовь", "солнышко", "солнце", "наташа", "марина", "максим", "андрей", "сергей"),
    *("светлана", "александр", "екатерина", "кристина", "дмитрий", "николай", "владимир", "вероника"),
    *("спартак", "зенит", "россия", "москва", "медведь", "котенок", "ангел", "любимая", "люблю", "мамочка"),
    *("витрина", "эвотор", "вконтакте", "магазин", "администратор", "секрет", "доступ"),
)
_FAMILIAR_WORDS = 3000


def weakness(password: str, *known_of_owner: str | None) -> str | None:
    """Say in a sentence why `password` is too easy to guess; None when it is not.

    known_of_owner: what others know of the owner, such as the address and the name.
    """
    text = _folded(password)
    if len(set(text)) < 4 or _is_run(text) or _is_run(password.casefold()):
        return gettext("Слишком простой пароль: знаки повторяются или идут по порядку.")
    core = text.strip(_AROUND)
    every, familiar = _common()
    if text in every or core in familiar or not core:
        return gettext("Это один из самых частых паролей. Придумайте другой, лучше из нескольких слов.")
    for known in known_of_owner:
        for part in (known or "", (known or "").partition("@")[0]):
            if len(part) > 2 and core == _folded(part).strip(_AROUND):
                return gettext("Пароль не должен повторять имя или адрес почты.")
    return None


def _folded(text: str) -> str:
    return text.casefold().translate(_TO_LATIN)


def _is_run(text: str) -> bool:
    """Tell whether all characters follow one another, forwards or backwards, or one piece repeats."""
    steps = {ord(after) - ord(before) for before, after in pairwise(text)}
    if steps <= {1} or steps <= {-1}:
        return True
    halves = range(1, min(4, len(text) // 2) + 1)
    return any(text == (text[:size] * len(text))[: len(text)] for size in halves)


@lru_cache(maxsize=1)
def _common() -> tuple[frozenset[str], frozenset[str]]:
    """Give the common passwords, and the words that many are made of by adding digits."""
    # Loaded at the first use: the lists are of no interest to the other processes.
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    listed = FREQUENCY_LISTS["passwords"]
    words = {_folded(word) for word in (*listed[:_FAMILIAR_WORDS], *_RUSSIAN_WORDS) if len(word) > 3}
    return frozenset(map(_folded, listed)), frozenset(words)
