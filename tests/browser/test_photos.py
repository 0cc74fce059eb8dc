"""Photos as an owner's browser brings them: by the hundred, and one after the other by a camera."""

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browsing import forgive
from tests.publishing.photos.archive.archives import zipped
from tests.publishing.photos.uploading import jpeg
from tests.stock import Stock, product

# A camera that sees these barcodes one after the other; no browser of a test has one.
CAMERA = """
    const codes = ["4601", "4602"];
    window.BarcodeDetector = class {
        async detect() { return codes.length ? [{ rawValue: codes.shift() }] : []; }
    };
    const canvas = document.createElement("canvas");
    canvas.getContext("2d");
    const mediaDevices = { getUserMedia: async () => canvas.captureStream() };
    Object.defineProperty(navigator, "mediaDevices", { value: mediaDevices });
"""


def picture(path: Path) -> Path:
    path.write_bytes(jpeg())
    return path


def test_an_archive_is_sent_looked_through_and_kept(
    alice_page: Page, stock: Stock, run_jobs: Callable[[], None], tmp_path: Path
) -> None:
    archive = tmp_path / "фото.zip"
    archive.write_bytes(zipped(("Ассам.jpg", jpeg()), ("нет такого.jpg", jpeg())))
    alice_page.goto("/catalog/photos/archive")
    send = alice_page.get_by_role("button", name="Посмотреть, что найдётся")
    send.click()
    # What the server refuses stands beside the field, on the same page.
    expect(alice_page.locator("#photo-error")).to_be_visible()
    assert alice_page.url.endswith("/catalog/photos/archive")
    forgive(alice_page, "422")
    alice_page.get_by_label("Архив ZIP или фотографии").set_input_files(archive)
    send.click()
    report = alice_page.locator("#archive")
    expect(report).to_have_attribute("data-state", "queued")
    run_jobs()
    expect(report).to_have_attribute("data-state", "done")
    expect(report.locator("[data-kind='matched'] li")).to_have_count(1)
    small = report.locator("[data-kind='matched'] img")
    assert small.evaluate("image => image.decode().then(() => image.naturalWidth)") == 160
    report.get_by_role("button", name="Загрузить 1 фото").click()
    expect(report).to_have_attribute("data-state", "queued")
    run_jobs()
    expect(report).to_contain_text("Загружено 1 фото")


def test_a_camera_finds_good_after_good_and_each_photo_is_sent_as_it_is_taken(
    alice_page: Page, stock: Stock, tmp_path: Path
) -> None:
    stock.put(
        products=[product("p1", "Ассам", barcodes=("4601",)), product("p2", "Ложка", barcodes=("4602",))]
    )
    alice_page.add_init_script(CAMERA)
    alice_page.goto("/catalog/photos/take")
    expect(alice_page.locator("#left")).to_have_text("Осталось без фото: 2")
    alice_page.get_by_role("button", name="Сканировать штрихкод").click()
    expect(alice_page.locator("#found")).to_have_text("Ассам")
    expect(alice_page.locator("#shot")).to_be_focused()
    alice_page.locator("#shot").set_input_files(picture(tmp_path / "shot.jpg"))
    # Back to the camera by itself: the next good is there without a touch.
    expect(alice_page.locator("#found")).to_have_text("Ложка")
    expect(alice_page.locator("#left")).to_have_text("Осталось без фото: 1")
    alice_page.locator("#shot").set_input_files(picture(tmp_path / "shot.jpg"))
    expect(alice_page.locator("#left")).to_contain_text("Публикуемых товаров без фото нет")


def test_by_keyboard_alone_a_good_is_found_and_waits_for_its_photo(alice_page: Page, stock: Stock) -> None:
    alice_page.goto("/catalog/photos/take")
    expect(alice_page.locator("#scanner")).to_be_hidden()
    alice_page.keyboard.type("Ложка мерная")
    alice_page.keyboard.press("Enter")
    expect(alice_page.locator("#shot")).to_be_focused()
