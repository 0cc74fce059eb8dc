"""Names and descriptions as VK takes them, counts them and gives them back.

VK counts a text in cp1251 after escaping. The weights are those of 1C-Bitrix's exporter; VK publishes none.
"""

import re

from app.entities import unescaped

NAME_MIN = 4
NAME_MAX = 100
DESCRIPTION_MIN = 10
DESCRIPTION_MAX = 3000

# What a character weighs beyond one.
_EXTRA = tuple({'"': 4, "&": 4, "'": 4, "!": 4, "\\": 5, "$": 5, "<": 3, ">": 3}.items())
# The widest character outside cp1251 is written «&#1114111;».
_HEAVIEST = 10

# Longer than any text that VK takes, whatever part of it is mark-up.
_RAW_MAX = 20_000
# More letters than VK takes of any text, with room for signs at their end.
_HEAD = DESCRIPTION_MAX + 100
# Entities within entities are told at once, tags that were written as such take two; the last finds no more.
_DECODINGS = 4

# One class, searched at once: most texts of a till are plain already, and there are very many of them.
_SUSPECT = re.compile(
    r"[\x00-\x09\x0b-\x1f\x7f-\xa0\u1680\u2000-\u200b\u200e\u200f\u2028-\u202f\u205f-\u206f\u3000"
    r"\ud800-\udfff\ufeff\ufffe\uffff]"
)
# What may weigh more than one.
_NOT_LIGHT = re.compile(r"[^0-9A-Za-zА-Яа-яЁё ,.()«»%/№:;+*=_\n–—-]")
_ENTITY = re.compile(r"&[#a-zA-Z]")
_MARKUP = re.compile(r"<[!/a-zA-Z]")
_BREAKING_TAG = re.compile(r"</?(?:br|p|div|li|tr|h[1-6])\b[^<>]*>", re.IGNORECASE)
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_NESTED_AMPERSAND = re.compile(r"&(?:amp;|#38;|#x26;)+", re.IGNORECASE)
_LINE_END = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
# With the marks that turn words about, and blanks of no width.
_CONTROL = re.compile(
    r"[\x00-\x08\x0e-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufffe\uffff]"
)
_BLANKS_IN_LINE = re.compile(r"[^\S\n]+")
_BLANKS_AT_LINE_END = re.compile(r" ?\n ?")
_EMPTY_LINES = re.compile(r"\n{3,}")

_LAST_WORD = re.compile(r"\s+\S*$")
# A cut text does not end with the sign that led to what was cut away.
_DANGLING = " \n,;:-–—(/«"


class Plain(str):
    """A text that is plain, even where that is not told quickly: it is not cleaned again."""

    __slots__ = ()


def weight(text: str) -> int:
    """Count `text` as VK does: escaped, in cp1251, strangers as numeric entities."""
    if _NOT_LIGHT.search(text) is None:
        return len(text)
    total = len(text.encode("cp1251", "xmlcharrefreplace"))
    for character, extra in _EXTRA:
        total += extra * text.count(character)
    return total


def fits(text: str, longest: int) -> bool:
    """Tell whether `text` weighs at most `longest`, without weighing where the length settles it."""
    return len(text) <= longest and (len(text) * _HEAVIEST <= longest or weight(text) <= longest)


def cut(text: str, shortest: int, longest: int) -> str:
    """The beginning of `text` that weighs at most `longest`, ending with a whole word.

    A text whose words are too long is cut within one: the result keeps `shortest` characters if `text` has.
    """
    if fits(text, longest):
        return text
    fitting = _fitting(text, longest)
    start = text[:fitting]
    words = start if text[fitting : fitting + 1].isspace() else _LAST_WORD.sub("", start)
    for candidate in (words.rstrip(_DANGLING), start.rstrip(_DANGLING)):
        if len(candidate) >= shortest:
            return candidate
    return start


def shortened(text: str) -> str:
    """The plain beginning of a description of which the same is made as of the whole: VK takes no more of it.

    It takes long to clean a text of many entities: what is given is not cleaned again.
    """
    if fits(text, DESCRIPTION_MAX) and "&" not in text and "<" not in text:
        return text
    # What is plain at its beginning stays so: cleaning changes nothing before the first sign of mark-up.
    bare = text[:_HEAD].rstrip(" \n<&")
    if len(bare) <= DESCRIPTION_MAX or not is_plain(bare):
        bare = plain(text)
    if fits(bare, DESCRIPTION_MAX):
        return _told(bare)
    end = _fitting(bare, DESCRIPTION_MAX) + 1
    # It ends with no blank, as plain texts do.
    while bare[end - 1] in " \n":
        end += 1
    return _told(bare[:end])


def _told(bare: str) -> str:
    return bare if not bare or is_plain(bare) else Plain(bare)


def _fitting(text: str, longest: int) -> int:
    """How many letters of the beginning of `text` weigh at most `longest`."""
    fitting, too_long = min(len(text), longest // _HEAVIEST), min(len(text), longest) + 1
    # From below: to weigh a text takes the longer, the heavier it is.
    while fitting and 2 * fitting < too_long and weight(text[: 2 * fitting]) <= longest:
        fitting *= 2
    too_long = min(too_long, 2 * fitting) if fitting else too_long
    while too_long - fitting > 1:
        middle = (fitting + too_long) // 2
        if weight(text[:middle]) <= longest:
            fitting = middle
        else:
            too_long = middle
    return fitting


def is_plain(text: str) -> bool:
    """Tell quickly whether a text that is not empty is plain as it stands."""
    return isinstance(text, Plain) or (
        _SUSPECT.search(text) is None
        and "  " not in text
        and ("&" not in text or _ENTITY.search(text) is None)
        and ("<" not in text or _MARKUP.search(text) is None)
        and text[0] not in " \n"
        and text[-1] not in " \n"
        and ("\n" not in text or not (" \n" in text or "\n " in text or "\n\n\n" in text))
    )


def plain(text: str | None) -> str:
    """Plain text: tags gone, entities decoded, lines kept, no blanks to spare."""
    if not text:
        return ""
    return text if is_plain(text) else _cleaned(text)


def _cleaned(text: str) -> str:
    text = _decoded(text[:_RAW_MAX])
    text = _CONTROL.sub("", _LINE_END.sub("\n", text))
    text = _BLANKS_AT_LINE_END.sub("\n", _BLANKS_IN_LINE.sub(" ", text))
    return _EMPTY_LINES.sub("\n\n", text).strip()


def one_line(text: str | None) -> str:
    """Plain text with its lines joined, as a name is written."""
    text = plain(text)
    return text.replace("\n\n", " ").replace("\n", " ") if "\n" in text else text


def same(ours: str, theirs: str) -> bool:
    """Tell whether VK's text is the one that was sent: VK may escape and trim what it gives back."""
    return ours == theirs or _folded(ours) == _folded(theirs)


def _folded(text: str) -> str:
    return " ".join(_unescaped(text).split())


def _decoded(text: str) -> str:
    for _ in range(_DECODINGS):
        bare = _without_comments(_BREAKING_TAG.sub("\n", text))
        bare = unescaped(_NESTED_AMPERSAND.sub("&", _TAG.sub("", bare)))
        if bare == text:
            break
        text = bare
    return text


def _without_comments(text: str) -> str:
    """Drop comments, looking once through the text: a pattern looks to its end for each that never ends."""
    kept, at = [], 0
    while (start := text.find("<!--", at)) >= 0 and (end := text.find("-->", start + 4)) >= 0:
        kept.append(text[at:start])
        at = end + 3
    return "".join(kept) + text[at:]


def _unescaped(text: str) -> str:
    for _ in range(_DECODINGS):
        bare = unescaped(_NESTED_AMPERSAND.sub("&", text))
        if bare == text:
            break
        text = bare
    return text
