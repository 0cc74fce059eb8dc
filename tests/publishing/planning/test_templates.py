"""Short names and missing descriptions are made up by the owner's template from facts, never from filler."""

from decimal import Decimal

import pytest

from app.publishing.planning import reasons
from app.publishing.planning.desired import Desired, Shop
from app.publishing.planning.good import Good
from app.publishing.planning.settings import Settings
from app.publishing.planning.templates import PLACEHOLDERS, TemplateError, read_template


def fill(source: str, **values: str) -> str:
    return read_template(source).fill(dict.fromkeys(PLACEHOLDERS, "") | values)


def wanted(good: Good, **settings: str) -> Desired:
    shop = Shop(Settings(default_category_id=1, photo_fallback="card", **settings))  # type: ignore[arg-type]
    return next(shop.desired([good._replace(price=Decimal(350))]))


@pytest.mark.parametrize(
    ("source", "values", "filled"),
    [
        ("{name}, {unit}", {"name": "Чай", "unit": "шт"}, "Чай, шт"),
        ("{name}, {unit}", {"name": "Чай"}, "Чай"),
        ("{name}, {unit} · {store}", {"name": "Чай", "store": "Чайная"}, "Чай · Чайная"),
        ("{unit}, {name}", {"name": "Чай"}, "Чай"),
        ("{name}\nАртикул: {article}\nКод: {code}", {"name": "Чай", "code": "7"}, "Чай\nКод: 7"),
        ("{name}\n\nЗвоните", {"name": "Чай"}, "Чай\n\nЗвоните"),
        ("{name}, цена {price} руб.", {"name": "Чай", "price": "99,90"}, "Чай, цена 99,90 руб."),
        ("{name} ({unit})", {"name": "{code}", "unit": "шт"}, "{code} (шт)"),
    ],
)
def test_a_template_leaves_out_what_has_no_value(source: str, values: dict[str, str], filled: str):
    assert fill(source, **values) == filled


@pytest.mark.parametrize(
    ("source", "part"),
    [
        ("{name}, {цена}", "непонятное «{цена}»"),
        ("{name}, {password}", "Можно вставить: {name}, {description}"),
        ("{name", "без пары"),
        ("{name} }", "без пары"),
        ("Хороший товар", "ни одной подстановки"),
        ("", "ни одной подстановки"),
        ("{name}" * 1000, "длиннее"),
    ],
)
def test_a_template_that_cannot_be_used_says_what_is_wrong(source: str, part: str):
    with pytest.raises(TemplateError, match=r"[Шш]аблон") as refused:
        read_template(source)
    assert part in str(refused.value)


def test_the_tills_own_texts_come_first():
    want = wanted(
        Good("s", "p", "Чай зелёный", unit="шт", description="Собран вручную весной"),
        name_template="{name}, {unit}",
        description_template="{name}: {unit}",
    )
    assert (want.name, want.description) == ("Чай зелёный", "Собран вручную весной")


def test_a_short_name_is_lengthened_by_the_template():
    assert wanted(Good("s", "p", "Чай", unit="шт")).name == "Чай, шт"


def test_a_name_that_stays_short_blocks_the_good_and_is_not_padded():
    want = wanted(Good("s", "p", "Чай", description="Собран вручную весной"))
    assert want.name == "Чай"
    assert want.obstacle == reasons.SHORT_NAME


def test_a_missing_description_is_made_of_facts():
    want = wanted(
        Good("s", "p", "Чай", unit="шт", article="A-1", group_name="Чаи & кофе", store_name="Чайная")
    )
    assert want.description == "Чай\nЧаи & кофе\nЕдиница: шт\nАртикул: A-1\nМагазин: Чайная"


def test_a_short_description_can_stand_within_the_template():
    good = Good("s", "p", "Чай", unit="шт", description="Вкусно")
    assert wanted(good, description_template="{name}, {unit}. {description}").description == "Чай, шт. Вкусно"


def test_a_description_that_stays_short_blocks_the_good():
    assert wanted(Good("s", "p", "Чаёк"), description_template="{name}").obstacle == reasons.SHORT_DESCRIPTION
