"""What VK forbids to sell, told by the type that the till gives a good."""

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
_UNTOLD = Reason(
    "untold",
    gettext_noop(
        "Эвотор не сказал, какой это товар, а алкоголь, табак и лекарства ВКонтакте запрещает. "
        "Укажите тип товара в кассе и обновите каталог"
    ),
    Remedy.TILL,
    hides=True,
)
FORBIDDEN_BEGINNINGS = (UNTOLD, *(start for name in _FORBIDDEN for start in BEGINNINGS[name]))


@lru_cache(maxsize=256)
def forbidden(product_type: str | None) -> Reason | None:
    """The reason why VK does not take goods of this type, or may not take them, None when it does."""
    wanted = (product_type or "").upper()
    if wanted.startswith(UNTOLD):
        return _UNTOLD
    for name, sentence in _FORBIDDEN.items():
        if wanted.startswith(BEGINNINGS[name]):
            return Reason("forbidden", sentence, Remedy.RULES, hides=True)
    return None
