"""Which of VK's categories most of the owner's groups are called after: the answer that is preselected."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping

from app.mirror.folding import fold

# Shorter words say nothing; longer ones are compared without the ends that cases change.
_WORD = re.compile(r"[^\W\d_]{3,}")
_ENDING = 2
_STEM = 3
_STEP = " → "


def likely_category(paths: Mapping[int, str], group_names: Iterable[str]) -> int | None:
    """Choose among the categories (paths by number) the one whose name most groups share a word with.

    None when no group does; of several the first in VK's order.
    """
    groups = Counter(stem for name in group_names for stem in _stems(name))
    best, most = None, 0
    for number, path in paths.items():
        found = sum(groups[stem] for stem in _stems(path.rpartition(_STEP)[2]))
        if found > most:
            best, most = number, found
    return best


def _stems(text: str) -> set[str]:
    words = _WORD.findall(fold(text))
    return {word if len(word) < _STEM + _ENDING else word[:-_ENDING] for word in words}
