"""The language of a page, a letter or a run: its owner's, or the one that a visitor has chosen.

Russian is the source, and has no catalogue. Amounts, dates and times are written as the till writes them in
every language. What buyers read in VK, and the files, which scripts and rules read back, stay Russian.
"""

from functools import cache
from io import BytesIO

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Flask, g, has_request_context, session
from flask_babel import Domain, get_locale, gettext, refresh
from flask_login import current_user

from app.config import ROOT
from app.web.extensions import babel
from app.words import Sentence

SOURCE = "ru"
LANGUAGES = {SOURCE: "Русский", "en": "English"}
_KEY = "language"


def init_language(app: Flask) -> None:
    """Let every `gettext` look into the catalogue of whom it speaks to."""
    babel.init_app(app, default_locale=SOURCE, locale_selector=_chosen)
    babel.domain_instance = _Catalogues()
    app.jinja_env.policies["ext.i18n.trimmed"] = True
    # Of Jinja's two styles the old one: a quarter of the time, and what `_` gives is escaped as all else is.
    install = app.jinja_env.install_gettext_callables  # type: ignore[attr-defined]
    install(gettext=_say, ngettext=_say_count, pgettext=_say_in, newstyle=False)
    app.jinja_env.globals.update(_=_say, language=language, languages=LANGUAGES)
    app.add_template_filter(translated)


def language() -> str:
    """The language that is spoken now, one of LANGUAGES."""
    try:
        # As Flask-Babel keeps it; to be asked it takes five times as long, and a page asks a hundred times.
        return str(g._flask_babel.babel_locale.language)
    except (AttributeError, RuntimeError):
        locale = get_locale()
        return locale.language if locale else SOURCE


def translated(sentence: str) -> str:
    """Say what was marked by `app.words`, and may have been kept since; other text is left as it is."""
    if isinstance(sentence, Sentence):
        values = sentence.values.items()
        said = {name: translated(each) if isinstance(each, Sentence) else each for name, each in values}
        return gettext(sentence.pattern, **said)
    return gettext(sentence) if sentence else sentence


def choose(chosen: str) -> None:
    """Speak so to who is not signed in, or cannot be asked for; what is none of LANGUAGES changes nothing."""
    if chosen in LANGUAGES:
        session[_KEY] = chosen
        refresh()


def offer(known: str) -> None:
    """The same to a visitor who has chosen nothing yet, as one who opens a link out of a letter."""
    if _KEY not in session:
        choose(known)


def _chosen() -> str:
    if not has_request_context():
        return SOURCE
    spoken = current_user.language if current_user.is_authenticated else session.get(_KEY)
    return spoken if spoken in LANGUAGES else SOURCE


def _say(sentence: str, **values: object) -> str:
    said = catalogue(language()).ugettext(sentence)
    return said % values if values else said


def _say_in(context: str, sentence: str, **values: object) -> str:
    """Say what other languages have another word for in this context: «Включить» of a rule, of a switch."""
    said = catalogue(language()).upgettext(context, sentence)
    return said % values if values else said


def _say_count(one: str, many: str, count: int) -> str:
    return catalogue(language()).ungettext(one, many, count)


class _Catalogues(Domain):
    def get_translations(self) -> NullTranslations:
        return catalogue(language())


@cache
def catalogue(spoken: str) -> NullTranslations:
    """The translations into a language, compiled in memory when the process first needs them."""
    if spoken == SOURCE:
        return NullTranslations()
    compiled = BytesIO()
    with (ROOT / "translations" / spoken / "LC_MESSAGES" / "messages.po").open("rb") as file:
        write_mo(compiled, read_po(file, locale=spoken))
    compiled.seek(0)
    return Translations(compiled)
