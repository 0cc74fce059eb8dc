"""After signing out nothing of an owner's is left in the browser to go back to."""

from playwright.sync_api import Page, expect

PAGES = ("/catalog/products?store_id=s1&group_id=tea", "/profile", "/connections")


def test_back_leads_to_the_sign_in(products_page: Page) -> None:
    page = products_page
    for address in PAGES[1:]:
        page.goto(address)
    page.get_by_role("button", name="Выход").first.click()
    expect(page.locator("input[name=password]")).to_be_visible()
    for _ in PAGES:
        page.go_back()
        expect(page.locator("input[name=password]")).to_be_visible()
        assert "alice@example.org" not in page.content() and "Ассам" not in page.content()
    kept = page.evaluate("[...Object.values(localStorage), ...Object.values(sessionStorage)].join()")
    assert "Ассам" not in kept
