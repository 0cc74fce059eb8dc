"""Take the pictures of the documentation anew, from a demo that an owner has filled: `make pictures`.

Every page of PAGES at two widths, light and dark, as docs/pictures/<name>-<width>-<scheme>.png.
"""

import io
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image, ImageDraw
from playwright.sync_api import Locator, Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from run.demo import EMAIL, PASSWORD  # noqa: E402 (needs the path above)
from run.find_browser import find_browser  # noqa: E402

PICTURES = ROOT / "docs" / "pictures"
WIDTHS = {1280: 800, 390: 844}
SCHEMES = ("light", "dark")
# Enough for flat colours and their edges, at a third of the bytes.
COLOURS = 128
RUN_SECONDS = 300
PORT = "8765"
# By their place in the list: goods with photos of their own, and the colour of what is in the cup there.
PHOTOGRAPHED = {0: "#b5651d", 1: "#7b4a12", 5: "#c9a227", 6: "#d9b44a", 7: "#8f9e4b"}

# By the picture's name: an address, and the links to be followed from there.
PAGES: dict[str, tuple[str, str | None]] = {
    "connections": ("/connections", None),
    "stores": ("/catalog", None),
    "groups": ("/catalog", "tr[data-entity=store]:last-child a[href*='/groups']"),
    "products": ("/catalog", "tr[data-entity=store]:last-child a:text-is('Товары')"),
    "product": (
        "/catalog",
        "tr[data-entity=store]:last-child a:text-is('Товары') then tr[data-entity=product] th a",
    ),
    "all": ("/catalog/all", None),
    "new": ("/catalog/new", None),
    "sync": ("/sync", None),
    "run": ("/sync/history", "a[href*='/publish/']"),
    "listings": ("/sync/listings", None),
    "settings": ("/sync/settings", None),
    "settings-groups": ("/sync/settings/groups", None),
    "conditions": ("/sync/conditions", None),
    "history": ("/sync/history", None),
    "rules": ("/sync/rules", None),
    "changes": ("/sync/history?kind=rules", None),
    "photos": ("/catalog/photos/archive", None),
    "take-photos": ("/catalog/photos/take", None),
    "profile": ("/profile", None),
    "help": ("/help", None),
}


def main() -> None:
    """Start a demo of its own, live an owner's first half hour in it, and take the pictures."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    chromium = find_browser()
    with running_demo() as (url, sandbox_url), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        context = browser.new_context(base_url=url, locale="ru-RU", timezone_id="Europe/Moscow")
        page = context.new_page()
        page.set_default_timeout(60_000)
        # A page that still asks for news would be taken amid a change.
        page.emulate_media(reduced_motion="reduce")
        begin(page)
        take(page, "plan", "/sync/plan", None)
        publish(page)
        for name, (address, link) in PAGES.items():
            take(page, name, address, link)
        take(page, "shop", shop_of(page, sandbox_url), None)
        context.clear_cookies()
        take(page, "login", "/login", None)
        browser.close()


@contextmanager
def running_demo() -> Iterator[tuple[str, str]]:
    """A demo on a port of its own that keeps nothing; give its address and the sandbox's."""
    with tempfile.TemporaryDirectory(prefix="vitrina-pictures-") as state:
        environment = {**os.environ, "PORT": PORT, "DEMO_STATE": state}
        command = [sys.executable, str(ROOT / "run" / "demo.py")]
        demo = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        try:
            found: list[str] = []
            for line in demo.stdout or ():
                found += re.findall(r"http://[\d.:]+", line)
                if len(found) == 2:
                    break
            else:
                sys.exit("The demo did not start; `make demo` says why.")
            yield found[0], found[1]
        finally:
            demo.terminate()
            demo.wait(60)


def begin(page: Page) -> None:
    """Do what an owner does first: bring the goods in, connect VK, try one good, decide, add photos."""

    def button(name: str) -> Locator:
        return page.get_by_role("button", name=name)

    page.goto("/login")
    page.fill("#email", EMAIL)
    page.fill("#password", PASSWORD)
    button("Войти").click()
    page.goto("/catalog")
    if page.locator("#refresh").get_attribute("data-state") != "done":
        button("Обновить каталог").first.click()
    expect(page.locator("#refresh")).to_have_attribute("data-state", "done", timeout=60_000)
    page.goto("/connections")
    page.get_by_role("link", name="Подключить ВКонтакте").or_(button("Подключить ВКонтакте")).first.click()
    button("Разрешить").click()
    button("Выбрать").first.click()
    button("Опубликовать первый товар").click()
    finished(page)

    page.goto("/catalog")
    page.locator("tr[data-entity=store]:last-child a:text-is('Товары')").first.click()
    for number in range(2, 5):
        row = page.locator("tr[data-entity=product]").nth(number)
        row.get_by_title("Исключить").click()
        expect(row.locator(".badge.exclude")).to_be_visible()
    photograph(page)


def photograph(page: Page) -> None:
    """Give some goods of the list that is shown photos of their own."""
    links = page.locator("tr[data-entity=product] th a").evaluate_all("links => links.map(link => link.href)")
    for number, colour in PHOTOGRAPHED.items():
        page.goto(links[number])
        page.set_input_files("#photo", {"name": "cup.png", "mimeType": "image/png", "buffer": cup(colour)})
        page.get_by_role("button", name="Загрузить", exact=True).click()
        expect(page.locator("#photos li img")).to_be_visible()


def cup(colour: str) -> bytes:
    """A cup on its saucer, seen from above."""
    image = Image.new("RGB", (600, 600), "#efe7da")
    draw = ImageDraw.Draw(image)
    for radius, ground in ((270, "#fbfaf7"), (170, "#ffffff"), (150, colour)):
        draw.circle((300, 300), radius, ground, outline="#d8cfc0", width=4)
    data = io.BytesIO()
    image.save(data, "PNG")
    return data.getvalue()


def publish(page: Page) -> None:
    """Agree to the plan, and wait until all of it is done."""
    page.goto("/sync/plan")
    form = page.locator("form:has([name=plan])").first
    understood = form.locator("[name=confirm][type=checkbox]")
    if understood.count():
        understood.first.check()
    form.locator("[type=submit]").first.click()
    finished(page)


def finished(page: Page) -> None:
    """Wait for the run that the page shows."""
    expect(page.locator("#run")).to_have_attribute(
        "data-state", re.compile("done|partial"), timeout=RUN_SECONDS * 1000
    )


def shop_of(page: Page, sandbox_url: str) -> str:
    """The address at which buyers see the shop."""
    page.goto(f"{sandbox_url}/__sandbox__/vk/")
    return page.locator("a[href*='/shop/']").first.evaluate("link => link.href")


def take(page: Page, name: str, address: str, links: str | None) -> None:
    """Take one page at every width and in every scheme; `links` are clicked on the way, the first of each."""
    for width, height in WIDTHS.items():
        page.set_viewport_size({"width": width, "height": height})
        page.goto(address)
        for link in (links or "").split(" then ") if links else ():
            page.goto(page.locator(link).first.evaluate("link => link.href"))
        page.wait_for_load_state("networkidle")
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            picture = Image.open(io.BytesIO(page.screenshot()))
            few = picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
            few.save(PICTURES / f"{name}-{width}-{scheme}.png", optimize=True)
    print(name, flush=True)


if __name__ == "__main__":
    main()
