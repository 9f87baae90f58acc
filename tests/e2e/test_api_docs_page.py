"""The page that shows the API, in a browser."""

from playwright.sync_api import expect

from tests.e2e.conftest import Visit


def test_it_shows_the_operations_within_our_content_security_policy(visit: Visit) -> None:
    page = visit()
    page.goto("/api/v1/docs")
    operation = page.locator("#operations-Batches-request_batch")
    operation.get_by_role("button").first.click()
    expect(operation.get_by_text("Try it out")).to_be_visible()
