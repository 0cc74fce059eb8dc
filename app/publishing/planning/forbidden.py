"""What VK forbids to sell, told by the type that the till gives a good."""

from functools import lru_cache

from app.publishing.planning.reasons import Reason, Remedy
from app.rules.criteria.criterion import ALCOHOL, BEGINNINGS, MEDICINE, TOBACCO

SERVICE = "SERVICE"

_FORBIDDEN = {ALCOHOL: "алкоголя", TOBACCO: "табака", MEDICINE: "лекарств"}


@lru_cache(maxsize=256)
def forbidden(product_type: str | None) -> Reason | None:
    """The reason why VK does not take goods of this type, None when it does."""
    wanted = (product_type or "").upper()
    for name, what in _FORBIDDEN.items():
        if wanted.startswith(BEGINNINGS[name]):
            sentence = f"ВКонтакте запрещает продажу {what}. Этот товар не отправляется"
            return Reason("forbidden", sentence, Remedy.RULES, hides=True)
    return None
