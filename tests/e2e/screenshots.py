"""`make screenshots`: every page and state with the demo data, as pictures in screenshots/."""

import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.e2e.browsers import CHROMIUM, FLAGS
from tests.e2e.pictures import FOLDER, Scene, take_all
from tests.servers import Server

SETTINGS = {
    "PROMINT_ORGANISATION": "Harbour Coffee",
    "PROMINT_POINT_VALUE": "0.01 EUR",
    "PROMINT_TIME_ZONE": "Europe/Copenhagen",
}
PROVIDER = {
    "PROMINT_OIDC_ISSUER": "http://127.0.0.1:9/nobody",
    "PROMINT_OIDC_CLIENT_ID": "promint",
    "PROMINT_OIDC_CLIENT_SECRET": "not needed",
    "PROMINT_OIDC_NAME": "Harbour ID",
    "PROMINT_OIDC_ROLES": "everybody=viewer",
}

SIGNED_OUT: dict[str, Scene] = {}
WITH_PROVIDER: dict[str, Scene] = {}  # the company's own sign-in, which does not answer
FIRST_RUN: dict[str, Scene] = {}  # nothing is there yet
BEFORE_WORK: dict[str, Scene] = {}  # no worker runs, so that pending work stays pending
AFTER_WORK: dict[str, Scene] = {}


def scene(of: dict[str, Scene]) -> Callable[[Scene], Scene]:
    def note(bring_about: Scene) -> Scene:
        of[bring_about.__name__.replace("_", "-")] = bring_about
        return bring_about

    return note


def page_of(of: dict[str, Scene], **addresses: str) -> None:
    """Adds scenes that are only a page."""
    for name, address in addresses.items():
        of[name.replace("_", "-")] = lambda page, address=address: page.goto(address)  # type: ignore[misc]


def open_list(page: Page, name: str, rest: str = "") -> None:
    page.goto(f"/?search={name}")
    page.get_by_role("link", name=name, exact=True).click()
    page.wait_for_url(re.compile("/lists/lst_"))
    if rest:
        page.goto(page.url + rest)


def a_list(of: dict[str, Scene], **names: str) -> None:
    """Adds scenes that are a list's page. A path may follow the list's name after a bar."""
    for scene_name, name in names.items():
        name, _, rest = name.partition("|")
        of[scene_name.replace("_", "-")] = lambda page, name=name, rest=rest: open_list(  # type: ignore[misc]
            page, name, rest
        )


page_of(SIGNED_OUT, sign_in="/login", forgotten_password="/forgotten-password")
page_of(
    WITH_PROVIDER,
    sign_in_provider="/login",
    sign_in_provider_left="/login?left=provider",
    sign_in_provider_silent="/login/openid",
    sign_in_provider_not_let_in="/login/openid/callback",
)
page_of(FIRST_RUN, first_run="/", offers_none_yet="/offers", keys_none_yet="/keys")
page_of(
    BEFORE_WORK,
    lists="/",
    lists_found="/?search=multi&status=active&sort=-claim_count",
    lists_nothing_found="/?search=unicorn",
    lists_archived="/?archived=1",
    create_single="/lists/new",
    create_third="/lists/new?type=third_party",
    codes="/codes",
    cancellations="/cancellations",
    cancel_by_name="/cancellations/new",
    customers="/customers",
    customers_found="/customers?customer=1",
    customers_unknown="/customers?customer=nobody",
    offers="/offers",
    offer_new="/offers/new",
    team="/team",
    team_invite="/team/invite",
    keys="/keys",
    key_new="/keys/new",
    webhooks="/webhooks",
    webhook_new="/webhooks/new",
    audit="/audit",
    profile="/profile",
    two_factor="/profile/two-factor",
    passkeys_cannot_work="/profile/passkeys",
    not_found="/nowhere",
)
a_list(
    BEFORE_WORK,
    single="Paper to porcelain",
    single_total="Paper to porcelain|?chart=total",
    single_claims="Paper to porcelain|/claims",
    single_codes="Paper to porcelain|/codes",
    handouts="Birthday coffees|/handouts",
    hand_out_in_bulk="Birthday coffees|/handouts/bulk",
    single_edit="Paper to porcelain|/edit",
    single_end_now="Paper to porcelain|/end",
    single_delete="Paper to porcelain|/delete",
    single_copy="Paper to porcelain|/copy",
    single_print="Paper to porcelain|/print",
    single_pending_batch="Delivery bag inserts",
    single_failed_batch="Night shift breakfast",
    single_ended="Stadium night",
    single_capped="Loyalty card switch",
    single_before_start="Moving house mailer",
    single_generate="Service recovery|/generate",
    multi="Radio breakfast show",
    multi_uncapped="Refill Fridays",
    multi_capped="Double espresso day",
    third="Tramline day tickets",
    third_new="Bookshop tokens",
)


@scene(SIGNED_OUT)
def sign_in_refused(page: Page) -> None:
    page.goto("/login")
    page.get_by_label("E-mail").fill("demo@promint.example")
    page.get_by_label("Password").fill("not this one")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("alert").wait_for()


@scene(BEFORE_WORK)
def create_multi_with_errors(page: Page) -> None:
    page.goto("/lists/new?type=multi_use")
    page.get_by_label("Name", exact=True).fill("Winter terrace")
    page.get_by_label("Code name").fill("SlowPour")
    page.get_by_label("Expiration", exact=True).get_by_label("Expiration", exact=True).fill(
        "2020-01-31"
    )
    page.get_by_label("Points").fill("200")
    page.get_by_label("Tags").fill("winter, terrace,")
    page.get_by_label("Entry cap").fill("25,000")
    page.get_by_role("button", name="Create promo code list").click()
    page.get_by_role("alert").wait_for()


@scene(BEFORE_WORK)
def single_export_menu(page: Page) -> None:
    open_list(page, "Paper to porcelain")
    page.get_by_label("Export All shops").click()


@scene(BEFORE_WORK)
def menu(page: Page) -> None:
    page.goto("/")
    opener = page.get_by_role("button", name="Open menu")
    if opener.is_visible():
        opener.click()


def find_code(page: Page, typed: str) -> None:
    page.goto("/codes")
    page.get_by_label("Promo code").fill(typed)
    page.get_by_role("button", name="Find code").click()
    page.get_by_role("region", name="Result").wait_for()


@scene(BEFORE_WORK)
def code_claimed(page: Page) -> None:
    open_list(page, "Paper to porcelain")
    find_code(page, page.locator("td[data-label=Code] code").first.inner_text())


@scene(BEFORE_WORK)
def code_multi_use(page: Page) -> None:
    find_code(page, "wake up call")


@scene(BEFORE_WORK)
def code_unknown(page: Page) -> None:
    find_code(page, "CUP-2345-6789-BCDF")


@scene(BEFORE_WORK)
def open_offer(page: Page, rest: str = "") -> None:
    page.goto("/offers")
    page.get_by_role("link", name="Free pastry").click()
    page.wait_for_url(re.compile("/offers/off_"))
    if rest:
        page.goto(page.url + rest)


@scene(BEFORE_WORK)
def offer(page: Page) -> None:
    open_offer(page)


@scene(BEFORE_WORK)
def offer_edit(page: Page) -> None:
    open_offer(page, "/edit")


@scene(BEFORE_WORK)
def offer_retire(page: Page) -> None:
    open_offer(page, "/retire")


def customer(page: Page) -> None:
    open_list(page, "Paper to porcelain")
    page.locator("td .name[href^='/customers/']").first.click()
    page.wait_for_url(re.compile("/customers/"))


@scene(BEFORE_WORK)
def recipients_checked(page: Page) -> None:
    open_list(page, "Birthday coffees", "/handouts/bulk")
    page.get_by_label("Or paste recipients").fill("QB-104211\nQB-104377\nQB-104211")
    page.get_by_role("button", name="Check recipients").click()
    page.get_by_role("heading", name="First rows").wait_for()


@scene(BEFORE_WORK)
def handed_out_in_bulk(page: Page) -> None:
    open_list(page, "Birthday coffees", "/handouts")
    page.get_by_role("link", name="birthdays.csv").click()
    page.get_by_role("link", name="Download recipients and codes").wait_for()


@scene(BEFORE_WORK)
def cancel_a_list(page: Page) -> None:
    open_list(page, "Paper to porcelain")
    page.get_by_role("link", name="Cancel codes", exact=True).click()
    page.get_by_role("heading", name="This cancels").wait_for()


@scene(BEFORE_WORK)
def cancellation_to_undo(page: Page) -> None:
    page.goto("/cancellations")
    page.get_by_role("link", name="Postal district 2 of Moving house mailer").click()
    page.get_by_role("link", name="Undo").click()
    page.get_by_role("heading", name="Make the codes available again?").wait_for()


@scene(BEFORE_WORK)
def claim_for_customer(page: Page) -> None:
    customer(page)
    page.get_by_role("link", name="Claim a code").click()
    page.get_by_role("dialog").wait_for()


@scene(BEFORE_WORK)
def give_to_customer(page: Page) -> None:
    customer(page)
    page.get_by_role("link", name="Give a code").click()
    page.get_by_role("dialog").wait_for()


@scene(AFTER_WORK)
def code_available(page: Page) -> None:
    open_list(page, "Service recovery")
    generate(page, 5, "Service desk")
    page.locator("tr:has-text('Service desk') .tag.active").first.wait_for()
    with page.expect_download() as coming:
        page.get_by_label("Export Service desk", exact=True).first.click()
        page.locator("details[open] button[value=csv]").click()
    rows = Path(coming.value.path()).read_text().splitlines()
    find_code(page, rows[1].split(",")[0])


@scene(AFTER_WORK)
def code_claim(page: Page) -> None:
    code_available(page)
    page.get_by_role("link", name="Claim for a customer").click()
    page.get_by_role("dialog").wait_for()


@scene(BEFORE_WORK)
def session_over(page: Page) -> None:
    page.goto("/lists/new")
    kept = page.context.cookies()
    page.context.clear_cookies(name="sessionid")
    page.get_by_role("button", name="Create promo code list").click()
    page.locator("#sign-in-again").wait_for()
    page.context.add_cookies([one for one in kept if one["name"] == "sessionid"])  # type: ignore[misc]


@scene(AFTER_WORK)
def code_cancel(page: Page) -> None:
    code_available(page)
    page.get_by_role("link", name="Cancel code").click()
    page.get_by_role("dialog").wait_for()


@scene(AFTER_WORK)
def single_export(page: Page) -> None:
    open_list(page, "Service recovery")
    page.get_by_label("Export Support desk", exact=True).click()
    page.locator("details[open] button[value=xlsx]").click()
    page.get_by_role("link", name="Download .xlsx").wait_for()


@scene(AFTER_WORK)
def single_generating(page: Page) -> None:
    open_list(page, "Second cup on us")
    generate(page, 2_000_000, "")
    page.get_by_text("about").first.wait_for()


def generate(page: Page, quantity: int, name: str) -> None:
    page.get_by_role("link", name="Generate codes").click()
    page.get_by_label("Number of codes").fill(f"{quantity:,}")
    page.get_by_label("Batch name").fill(name)
    page.get_by_role("button", name=f"Generate {quantity:,} codes").click()
    page.get_by_role("dialog").wait_for(state="detached")


@contextmanager
def served(directory: Path) -> Iterator[Server]:
    """A server with a fresh installation."""
    directory.mkdir()
    with Server.of_its_own(directory) as server:
        server.environment |= SETTINGS
        server.succeed("migrate")
        server.web()
        yield server


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as directory, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        with served(Path(directory, "first")) as server:
            first = ("first@promint.example", "coffee-for-everyone")
            make = ("user", "create", first[0], "--role", "admin", "--password-stdin")
            server.succeed(*make, typed=first[1])
            take_all(browser, server.url, FIRST_RUN, first)
        with served(Path(directory, "demo")) as server:
            said = server.succeed("demo")
            demo = re.search(r"Sign in as (\S+) with the password (\S+)", said).groups()  # type: ignore[union-attr]
            take_all(browser, server.url, SIGNED_OUT, None)
            server.web(**PROVIDER)
            take_all(browser, server.urls[-1], WITH_PROVIDER, None)
            take_all(browser, server.url, BEFORE_WORK, demo)
            server.worker()
            take_all(browser, server.url, AFTER_WORK, demo)
        browser.close()


if __name__ == "__main__":
    main()
