"""axe-core finds nothing on any page, light or dark, wide or narrow, and no page is wider than its window."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import axe_playwright_python
import pytest
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import update

from app.data.db import db
from app.publishing.run.models import Publication
from tests.browsing import forgive
from tests.owners import Owner
from tests.publishing.conftest import (  # noqa: F401 (fixtures)
    CATEGORY,
    Publishing,
    maria,
    publishing,
    teahouse,
    vk,
)
from tests.publishing.pages.test_run import start
from tests.publishing.photos.archive.archives import looked_at
from tests.publishing.photos.uploading import jpeg, upload
from tests.stock import Stock, group, product
from tests.thoroughness import IS_LONG

pytestmark = pytest.mark.first

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()

# The first look takes every rule; the others those whose answer can change with the colours or the width.
COLOURS = ["color-contrast", "link-in-text-block"]
SIZES = ["target-size", "scrollable-region-focusable"]
Look = tuple[str, int, list[str]]
LOOKS: list[Look] = [
    ("light", 1280, []),
    ("dark", 390, COLOURS + SIZES),
]
if IS_LONG:
    LOOKS += [("dark", 1280, COLOURS), ("light", 390, COLOURS + SIZES)]
# What 1280 px show at 200 %: a page that scrolls sideways there hides words from whoever enlarges them.
WIDTHS = (390, 640)

RUN = """async rules => {
    const which = rules.length
        ? { runOnly: { type: "rule", values: rules } }
        : { rules: { "target-size": { enabled: true } } };
    // No rule of these reads style sheets, and to fetch them anew takes a third of all.
    const found = await axe.run(document, { ...which, resultTypes: ["violations"], preload: false });
    return found.violations.flatMap(rule => rule.nodes.map(
        node => `${rule.id}: ${node.target} ${node.html} ${node.failureSummary}`));
}"""
IS_WIDER = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


class Walk:
    """Goes through pages with one tab, and keeps what is wrong with them."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.found: list[str] = []
        # Handed over once, and not for every page: it is half a megabyte.
        page.add_init_script(AXE)

    def open(self, address: str) -> None:
        self._resize(1280)
        self.page.goto(address)

    def visit(self, *addresses: str, looks: list[Look] = LOOKS) -> None:
        for address in addresses:
            self.open(address)
            self.look(address, looks)

    def look(self, state: str, looks: list[Look] = LOOKS) -> None:
        """Look at what the tab shows, in every scheme and width."""
        for scheme, width, rules in looks:
            self.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            self._resize(width)
            self.found += [f"{state} ({scheme}, {width}): {each}" for each in self.page.evaluate(RUN, rules)]
        for width in WIDTHS:
            self._resize(width)
            if self.page.evaluate(IS_WIDER):
                self.found.append(f"{state} ({width}): wider than its window")

    def _resize(self, width: int) -> None:
        # The same again would be laid out and drawn again.
        if self.page.viewport_size != (size := {"width": width, "height": 900}):
            self.page.set_viewport_size(size)  # type: ignore[arg-type]


@pytest.fixture
def walk(alice_page: Page) -> Iterator[Walk]:
    """Alice's walk; at its end nothing may have been found."""
    walk = Walk(alice_page)
    yield walk
    assert not walk.found, "\n".join(walk.found)


@pytest.fixture
def well_filled(publishing: Publishing, stock: Stock, run_jobs: Callable[[], None]) -> Publishing:  # noqa: F811
    """Alice with two stores, rules, photos, goods in VK, and something of every kind in her plan."""
    groups = [group("tea", "Чай"), group("green", "Зелёный", "tea"), group("pots", "Чайники")]
    goods = [
        product(
            f"p{number}",
            f"Улун {number}",
            "tea",
            price=300 + number,
            quantity=3,
            article_number=f"A-{number}",
        )
        for number in range(8)
    ]
    goods += [
        product("none", "Без цены", "green", quantity=1),
        product("closed", "Нет в продаже", "pots", price=10, quantity=1, allow_to_sell=False),
        product(
            "bare",
            "Чай россыпью, очень длинное название на всю строку",
            price=99.5,
            quantity=0.25,
            measure_name="кг",
        ),
    ]
    stock.put(groups=groups, products=goods, address="ул. Чайная, 1")
    stock.put("s2", "Склад", products=[product("q1", "Чайник глиняный", price=1200, quantity=2)])
    stock.rule("group", "pots", "exclude")
    stock.rule("product", "p0", "include")
    upload(publishing.owner, ("a.jpg", jpeg()), to={"store_id": "s1", "product_id": "p0"})
    upload(publishing.owner, ("b.jpg", jpeg("brown")), to={"store_id": "s1", "group_id": "tea"})
    publishing.market.add_item("Улун 6", 30_000, sku="A-6", category_id=CATEGORY)
    publishing.read()
    publishing.publish()
    # Afterwards: a price, a deleted and an edited item, one to take off, one of nobody's.
    goods[1] = goods[1]._replace(price=Decimal(999))
    stock.put(
        groups=groups, products=[*goods[:8], *goods[8:], product("new", "Пуэр", "green", price=5, quantity=1)]
    )
    stock.rule("product", "p2", "exclude")
    publishing.market.delete(publishing.items["A-3"].id)
    publishing.market.change(publishing.items["A-4"].id, title="Лучший улун")
    publishing.market.add_item("Термос именной", 99_000)
    publishing.read()
    return publishing


def put(publishing: Publishing, run: str, **columns: object) -> str:  # noqa: F811
    """Put a run into a state that is rare."""
    with publishing.owner.app.app_context():
        run_id = int(run.rpartition("/")[2])
        db.session.execute(update(Publication).where(Publication.id == run_id).values(columns))
        db.session.commit()
    return run


def test_no_page_of_a_well_filled_owner_is_hard_to_use(
    well_filled: Publishing, walk: Walk, run_jobs: Callable[[], None]
) -> None:
    owner, page = well_filled.owner, walk.page
    first_run = owner.client.get("/sync/history").page.select("//a[contains(@href, '/publish/')]/@href")[0]
    report = looked_at(owner, run_jobs, ("A-1.jpg", jpeg("green")), ("нет такого.jpg", jpeg()))
    in_store = "store_id=s1"
    walk.visit(
        *("/catalog", "/catalog/all", f"/catalog/groups?{in_store}", f"/catalog/products?{in_store}"),
        *(f"/catalog/products?{in_store}&q=zzz", f"/catalog/changes?{in_store}"),
        f"/catalog/views?{in_store}&q=zzz",
        *(f"/catalog/product?{in_store}&product_id=p0", f"/catalog/product?{in_store}&product_id=none"),
        *(f"/catalog/photos?{in_store}&group_id=tea", "/catalog/photos/archive", report),
        *(
            "/catalog/photos/take",
            "/catalog/new",
            *("/sync/conditions", "/sync/rules"),
            "/sync",
            "/sync/plan",
            "/sync/plan?kind=blocked",
        ),
        *("/sync/listings", first_run, "/sync/history", "/sync/history?q=чай", "/sync/settings"),
        *("/sync/rules/import", "/connections", "/connections/evotor", "/connections/evotor/delete"),
        *("/connections/vk/community", "/connections/vk/delete", "/profile", "/profile/delete"),
    )

    walk.open("/sync/settings/groups")
    row = page.locator("tr[data-evotor-id='tea']")
    row.get_by_role("link", name="Изменить").click()
    row.get_by_role("button", name="Сохранить").wait_for()
    walk.look("a group's settings, open")

    owner.client.post(f"/catalog/views?{in_store}&photo=no", data={"name": "Что сфотографировать"})
    walk.visit(f"/catalog/products?{in_store}&photo=no")

    walk.open(f"/catalog/products?{in_store}")
    row = page.locator("tr[data-evotor-id='p5']")
    row.get_by_title("Исключить").click()
    expect(row.locator(".badge.exclude")).to_be_visible()
    row.locator("[name=n]").check()
    page.locator(".exports summary").click()
    walk.look("goods, one decided, one ticked, a menu open")
    page.locator(".exports summary").click()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Клавиши")).to_be_visible()
    walk.look("the keys")
    page.keyboard.press("Escape")
    page.locator("#bulk").get_by_role("button", name="✓ Включить").click()
    expect(page.locator("h1")).to_have_text("Что изменится")
    walk.look("a change before it is applied")

    run = start(well_filled)
    walk.visit(run)
    put(well_filled, run, status="running", step="Отправляем", total=100, done=3)
    walk.visit(run)
    put(well_filled, run, status="paused", error="На сегодня ВКонтакте больше не примет новых товаров")
    walk.visit(run)
    hold = {"code": "drop", "sentence": "Много", "items": 3, "examples": ["Улун"]}
    put(well_filled, run, status="held", holds=[hold])
    walk.visit(run)


def test_no_page_of_a_new_owner_or_a_visitor_is_hard_to_use(
    walk: Walk, context: BrowserContext, alice: Owner
) -> None:
    page = walk.page
    walk.visit(
        *("/connections", "/catalog", "/sync", "/sync/switch-on", "/sync/plan", "/sync/settings"),
        "/sync/settings/groups",
        *("/sync/listings", "/sync/history", "/sync/rules"),
        *("/catalog/photos/take", "/nowhere"),
    )
    walk.open("/connections/evotor")
    page.locator("[name=token]").fill("no-such-token")
    page.get_by_role("button", name="Подключить").click()
    expect(page.locator("#token-error")).to_be_visible()
    walk.look("a token that is refused")
    alice.connect_evotor()
    walk.visit("/catalog")

    topics = alice.client.get("/help").page.select("//main//li/a/@href")
    # The catalogue still asks for its refresh, and without a session it would lead away in the midst
    # of the next page.
    page.goto("about:blank")
    context.clear_cookies()
    walk.visit("/register", "/password/forgot", "/email/confirm/nonsense", "/help", topics[0])
    # The rest is the same prose in the same colours.
    walk.visit(*topics[1:], looks=LOOKS[:1])
    walk.open("/login")
    page.locator("[name=email]").fill("alice@example.org")
    page.locator("[name=password]").fill("not hers")
    page.get_by_role("button", name="Войти").click()
    expect(page.locator(".field-error, .notice[data-kind=error]").first).to_be_visible()
    walk.look("a refused sign-in")
    forgive(page, "404", "410", "422", "401")
