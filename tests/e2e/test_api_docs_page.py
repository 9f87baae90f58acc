"""The page that shows the API, in a browser."""

from playwright.sync_api import expect, sync_playwright

from tests.servers import Server

CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


def test_it_shows_the_operations_within_our_content_security_policy(web: Server) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page()
        complaints: list[str] = []
        page.on("console", lambda said: complaints.append(said.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"{web.url}/api/v1/docs")
        operation = page.locator("#operations-Batches-request_batch")
        operation.get_by_role("button").first.click(timeout=60_000)
        expect(operation.get_by_text("Try it out")).to_be_visible(timeout=60_000)
        assert complaints == []
        browser.close()
