"""What VK forbids to sell, told by the type that the till gives a good."""

from collections.abc import Iterable
from functools import lru_cache

from app.mirror.good_types import UNTOLD
from app.publishing.planning.reasons import Reason, Remedy
from app.rules.criteria.criterion import ALCOHOL, BEGINNINGS, MEDICINE, TOBACCO
from app.words import gettext_noop

_FORBIDDEN = {
    ALCOHOL: gettext_noop("ВКонтакте запрещает продажу алкоголя. Этот товар не отправляется"),
    TOBACCO: gettext_noop("ВКонтакте запрещает продажу табака. Этот товар не отправляется"),
    MEDICINE: gettext_noop("ВКонтакте запрещает продажу лекарств. Этот товар не отправляется"),
}
_FORBIDDEN_ELSEWHERE = {
    ALCOHOL: gettext_noop(
        "В другом магазине этот товар — алкоголь, а его продажу ВКонтакте запрещает. "
        "Этот товар не отправляется"
    ),
    TOBACCO: gettext_noop(
        "В другом магазине этот товар — табак, а его продажу ВКонтакте запрещает. Этот товар не отправляется"
    ),
    MEDICINE: gettext_noop(
        "В другом магазине этот товар — лекарство, а их продажу ВКонтакте запрещает. "
        "Этот товар не отправляется"
    ),
}
_FORBIDDEN_AND_GONE = gettext_noop(
    "Вы объединили этот товар с карточкой, которой в кассе больше нет. Она была алкоголем, табаком или "
    "лекарством, а их продажу ВКонтакте запрещает. Этот товар не отправляется"
)
# Stand before the type that another store gives the same good, or gave it by a card that the till has no
# more: none of Evotor's own begins so.
_ELSEWHERE, _GONE = "@", "@-"
_UNTOLD = Reason(
    "untold",
    gettext_noop(
        "Эвотор не сказал, какой это товар, а алкоголь, табак и лекарства ВКонтакте запрещает. "
        "Укажите тип товара в кассе и обновите каталог"
    ),
    Remedy.TILL,
    hides=True,
)
FORBIDDEN_TYPES = tuple(start for name in _FORBIDDEN for start in BEGINNINGS[name])


@lru_cache(maxsize=256)
def forbidden(product_type: str | None) -> Reason | None:
    """The reason why VK does not take goods of this type, or may not take them, None when it does."""
    wanted = (product_type or "").upper()
    if wanted.startswith(UNTOLD):
        return _UNTOLD
    is_elsewhere, is_gone = wanted.startswith(_ELSEWHERE), wanted.startswith(_GONE)
    wanted = wanted.removeprefix(_GONE).removeprefix(_ELSEWHERE)
    for name, sentence in (_FORBIDDEN_ELSEWHERE if is_elsewhere else _FORBIDDEN).items():
        if wanted.startswith(BEGINNINGS[name]):
            remedy = Remedy.CARDS if is_elsewhere else Remedy.RULES
            return Reason("forbidden", _FORBIDDEN_AND_GONE if is_gone else sentence, remedy, hides=True)
    return None


def is_forbidden(product_type: str | None) -> bool:
    """Whether VK forbids goods whose own card is of this type; of one that is not told nobody knows."""
    is_elsewhere = (product_type or "").startswith(_ELSEWHERE)
    return not is_elsewhere and forbidden(product_type) not in (None, _UNTOLD)


def elsewhere(product_type: str, *, is_gone: bool = False) -> str:
    """The type of a good that is `product_type` in another store, and something else in its own.

    is_gone: it was so there, by a card that the till has no more.
    """
    return (_GONE if is_gone else _ELSEWHERE) + product_type


def type_of_all(types: Iterable[str | None]) -> str | None:
    """The type of goods that are one: what one calls forbidden is so, what one does not tell another may."""
    told = [kind for kind in types if kind != UNTOLD] or [UNTOLD]
    return next((kind for kind in told if forbidden(kind)), told[0])
