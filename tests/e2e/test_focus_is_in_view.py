"""Each control that the keyboard reaches is completely in view; nothing that sticks to the
window covers it."""

from playwright.sync_api import Page, expect

from promint.accounts.roles import Role
from tests.e2e import a_company, a_service_desk
from tests.e2e.conftest import Visit

WINDOWS = [(1280, 900), (640, 450), (320, 640)]
HIDDEN_PARTS = """backwards => {
    const within = document.querySelector("dialog:modal") ?? document.querySelector("main");
    const controls = [...within.querySelectorAll(
        "a[href], button, input:not([type=hidden]), select, textarea, summary")]
        .filter(one => one.tabIndex >= 0 && !one.disabled)
        .filter(one => one.checkVisibility({visibilityProperty: true}));
    const found = [];
    for (const one of backwards ? controls.reverse() : controls) {
        one.focus();
        if (document.activeElement !== one) { found.push("no focus: " + one.outerHTML); continue; }
        const shown = one.closest(".drop") ?? one;
        const box = shown.getBoundingClientRect();
        const inside = box.left >= 0 && box.top >= 0
            && box.right <= innerWidth && box.bottom <= innerHeight;
        const points = [[2, 2], [box.width - 2, box.height - 2], [box.width / 2, box.height / 2]];
        const covered = points.some(([x, y]) => {
            const top = document.elementFromPoint(box.left + x, box.top + y);
            return !top || (!shown.contains(top) && !top.contains(shown));
        });
        if (!inside || covered) {
            const where = [box.left, box.top, box.right, box.bottom].map(Math.round).join(" ");
            found.push(`${where}: ${one.outerHTML.slice(0, 160)}`);
        }
    }
    return found;
}"""


def hidden_parts(page: Page) -> list[str]:
    """The controls that are not completely in view when they get the focus, going down or up."""
    found: list[str] = page.evaluate(HIDDEN_PARTS, False) + page.evaluate(HIDDEN_PARTS, True)
    return found


def test_each_focused_control_of_every_page_is_wholly_in_view(visit: Visit) -> None:
    page = visit(Role.ADMIN)
    found: list[str] = []
    for address in a_company.make().addresses + a_service_desk.make().addresses:
        page.goto(address)
        found += in_every_window(page, address)
    page.goto("/lists/new")
    page.get_by_role("button", name="Create promo code list").click()
    expect(page.get_by_role("alert")).to_be_focused()
    found += in_every_window(page, "a form with errors")
    assert "\n".join(found) == ""


def in_every_window(page: Page, what: str) -> list[str]:
    found = []
    for width, height in WINDOWS:
        page.set_viewport_size({"width": width, "height": height})
        found += [f"{what} at {width} × {height}: {part}" for part in hidden_parts(page)]
    return found


def test_what_covers_a_control_would_be_found(visit: Visit) -> None:
    page = visit(Role.MANAGER, viewport={"width": 640, "height": 450})
    page.goto("/lists/new")
    page.evaluate("document.documentElement.style.scrollPadding = 0")
    assert hidden_parts(page)


def test_an_offer_added_by_enter_is_said_and_the_next_can_be_typed(visit: Visit) -> None:
    page = visit(Role.MANAGER)
    page.goto("/lists/new")
    box = page.get_by_label("Name of a new offer")
    for name in ("Free mug", "Free tea"):
        box.fill(name)
        box.press("Enter")
        expect(page.locator("#offer-said")).to_have_text(f"{name} is added, and chosen.")
        expect(page.get_by_label(name)).to_be_checked()
        expect(box).to_be_focused()
        expect(box).to_have_value("")


def test_what_was_said_covers_no_button_and_stays_until_it_is_dismissed(visit: Visit) -> None:
    page = visit(Role.AGENT, viewport={"width": 320, "height": 640})
    page.goto("/profile")
    page.get_by_role("button", name="Save").first.click()
    said = page.get_by_role("status").filter(has_text="saved")
    expect(said).to_be_visible()
    assert hidden_parts(page) == []
    page.get_by_role("button", name="Dismiss").click()
    expect(said).to_have_count(0)
