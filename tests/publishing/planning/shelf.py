"""Goods of a believable shop, as many as are asked for, the same each time."""

import random
from collections.abc import Iterator
from decimal import Decimal

from app.publishing.planning.good import Good

_WHAT = ("Чай зелёный", "Чай чёрный", "Кофе в зёрнах", "Печенье «Юбилейное»", "Пряник", "Мёд", "Сахар & соль")
_WHERE = ("Алишань", "Цейлон", "Эфиопия Иргачеффе", "тульский", "с маком", "5 кг", "0.5")
_TYPES = (*["NORMAL"] * 36, "SERVICE", "ALCOHOL_MARKED", "TOBACCO_MARKED", None)
_DESCRIPTIONS = (
    None,
    None,
    "",
    "Вкусно",
    "Собран вручную весной, хранить в сухом месте.\nПроизводитель: Тайвань",
)


def goods(count: int) -> Iterator[Good]:
    """Goods of one store: some forbidden, sold out, without a price, a photo, a name or an article."""
    chance = random.Random(20260306)
    for number in range(count):
        yield Good(
            store_id="20260306-AAAA-4000-8000-000000000001",
            product_id=f"{number:032x}",
            name=f"{chance.choice(_WHAT)} {chance.choice(_WHERE)} {number}" if number % 97 else "Чай",
            is_published=number % 11 != 0,
            type=chance.choice(_TYPES),
            price=Decimal(chance.randrange(0, 500_000)).scaleb(-2) if number % 53 else None,
            quantity=Decimal(chance.randrange(-5, 500)),
            unit=chance.choice(("шт", "кг", "л", None)),
            allow_to_sell=chance.choice((True, True, True, True, False)),
            group_id=f"group-{number % 40}",
            group_name=f"Группа {number % 40}",
            code=str(number) if number % 3 else None,
            article=f"A-{number % 90_000}" if number % 2 else None,
            barcodes=f"46000000{number:05}",
            description=chance.choice(_DESCRIPTIONS),
            store_name="Чайная",
            photos=(f"{number:064x}",) if number % 4 == 0 else (),
        )
