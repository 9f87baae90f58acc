"""Alert mails: one to each address, as text and HTML, with counts and a link, and never with a
code."""

import stat
import time
from email.message import EmailMessage
from pathlib import Path

import pytest
from django.conf import LazySettings

from promint.core.codes import batches
from promint.core.events import alerts, mails
from promint.core.models import Batch, Mail
from promint.core.rules import limits
from promint.core.rules.rules import ListType
from promint.core.storage import jobs, stored_files
from promint.core.storage.clock import database_now
from promint.worker.mail import smtp
from promint.worker.mail.alert import compose
from promint.worker.mail.sending import Mails
from tests.bulk import upload
from tests.factories import ACTOR, a_batch, a_list, a_pending_batch, generate, shown_codes
from tests.mail_server import Inbox, hanging, knows, own_certificate, serving
from tests.servers import wait_until

TWO = ["ops@example.com", "ines@example.com"]


def a_worker() -> Mails[Mail]:
    return Mails(alerts.waiting, compose)


def work_off() -> None:
    """Work until every mail that is due is sent, refused or put off."""
    chore = a_worker()
    wait_until(lambda: not chore.turn() and chore._sending is None, 60)


def due_again() -> None:
    Mail.objects.update(leased_until=database_now())


def text(mail: EmailMessage) -> str:
    return " ".join(part.get_content() for part in mail.walk() if not part.is_multipart())


def a_failed_batch(notify: list[str]) -> Batch:
    batch = a_pending_batch(a_list(), notify=notify)
    taken = jobs.take(batches.waiting("generated"))
    assert taken is not None
    batches.fail(taken, "The disk is full.")
    return batch


def test_each_address_is_told_once_when_a_batch_is_active(settings: LazySettings) -> None:
    batch = a_batch(a_list(name="Spring & Summer"), 1234, name="Till 1", notify=[*TWO, TWO[0]])
    inbox = Inbox()
    with serving(inbox) as settings.EMAIL_URL:
        work_off()
        alerts.queue(batch, "finished")
        work_off()
    assert inbox.receivers == sorted(TWO)
    for mail in inbox.mails:
        assert mail["Subject"] == "Codes ready: Spring & Summer - Till 1"
        assert mail["From"] == "promint@localhost"
        assert mail["To"] in TWO
        assert [part.get_content_type() for part in mail.iter_parts()] == [
            "text/plain",
            "text/html",
        ]
        for part in mail.iter_parts():
            said = part.get_content()
            assert "1,234 codes" in said
            assert f"http://127.0.0.1:8000/lists/{batch.list.public_id}" in said
        assert "Spring &amp; Summer" in mail.get_body(("html",)).get_content()
        assert "Spring & Summer" in mail.get_body(("plain",)).get_content()
    assert {mail.status for mail in Mail.objects.all()} == {"sent"}


def test_a_mail_never_holds_a_code(settings: LazySettings) -> None:
    batch = a_batch(a_list(), 20, notify=TWO)
    inbox = Inbox()
    with serving(inbox) as settings.EMAIL_URL:
        work_off()
    for mail in inbox.mails:
        assert not any(code in text(mail) or code in str(mail) for code in shown_codes(batch))
        assert not any(code.replace("-", "") in text(mail) for code in shown_codes(batch))


def test_a_failed_batch_is_told_in_another_mail(settings: LazySettings) -> None:
    batch = a_failed_batch(TWO)
    inbox = Inbox()
    with serving(inbox) as settings.EMAIL_URL:
        work_off()
        batches.retry(batch.public_id, ACTOR)
        generate(batch)
        work_off()
    subjects = [mail["Subject"] for mail in inbox.mails]
    assert sorted(subjects) == [
        *["Codes failed: Spring - Batch 1"] * 2,
        *["Codes ready: Spring - Batch 1"] * 2,
    ]
    assert "The disk is full." in text(inbox.mails[0])


def test_an_upload_tells_what_became_of_its_rows(settings: LazySettings) -> None:
    promo_list = a_list(ListType.THIRD_PARTY, name="Cinema")
    content = b"AAA1\nBBB1\nAAA1\n?\n"
    upload(promo_list, "codes.txt", content, notify=TWO[:1])
    upload(promo_list, "codes.txt", content[:10], notify=TWO[:1])
    inbox = Inbox()
    with serving(inbox) as settings.EMAIL_URL:
        work_off()
    first, again = (m.get_body(("plain",)).get_content() for m in inbox.mails)
    assert "2 of 4 rows became codes, 2 were rejected" in first
    assert "1 malformed" in first
    assert "1 repeated" in first
    assert "nothing was added" in again


def test_without_addresses_there_is_no_mail() -> None:
    a_batch(a_list(), 1)
    assert not Mail.objects.exists()


@pytest.mark.parametrize("name", ["a\r\nBcc: x@example.com", "a\nb", "a\u2028b", "naïve 😀" * 20])
def test_no_name_can_add_a_header(settings: LazySettings, name: str) -> None:
    """Such names are refused when they are typed. This test gets around that check."""
    batch = a_batch(a_list(), 1, notify=TWO[:1])
    type(batch.list).objects.filter(id=batch.list_id).update(name=name[: limits.NAME_CHARACTERS])
    Batch.objects.filter(id=batch.id).update(name=name[: limits.BATCH_NAME_CHARACTERS])
    inbox = Inbox()
    with serving(inbox) as settings.EMAIL_URL:
        work_off()
    (mail,) = inbox.mails
    assert mail["Bcc"] is None
    assert inbox.receivers == TWO[:1]
    assert mail["Subject"].split() == f"Codes ready: {name} - {name}".split()


def test_a_refused_address_is_noted_beside_its_batch(settings: LazySettings) -> None:
    batch = a_batch(a_list(), 1, notify=TWO)
    inbox = Inbox(lambda address, _: "550 No such user" if address == TWO[0] else "250 OK")
    with serving(inbox) as settings.EMAIL_URL:
        work_off()
        due_again()
        work_off()
    assert inbox.receivers == TWO[1:]
    assert dict(batch.mails.values_list("address", "status")) == {TWO[0]: "refused", TWO[1]: "sent"}
    assert batch.mails.get(address=TWO[0]).error == "550 No such user"
    assert batches.find(batch.public_id).status == "active"


def test_a_mail_that_is_put_off_by_the_server_arrives_later(settings: LazySettings) -> None:
    a_batch(a_list(), 1, notify=TWO[:1])
    inbox = Inbox(lambda _, tries: "450 Greylisted" if tries == 1 else "250 OK")
    with serving(inbox) as settings.EMAIL_URL:
        work_off()
        mail = Mail.objects.get()
        assert (mail.status, mail.attempts, mail.error) == ("pending", 1, "450 Greylisted")
        assert mail.leased_until > database_now()
        due_again()
        work_off()
    assert inbox.receivers == TWO[:1]
    mail.refresh_from_db()
    assert (mail.status, mail.error) == ("sent", None)


def test_a_server_that_is_down_gets_the_mail_when_it_is_up(settings: LazySettings) -> None:
    a_batch(a_list(), 1, notify=TWO)
    inbox = Inbox()
    with serving(inbox) as settings.EMAIL_URL:
        port = int(settings.EMAIL_URL.rpartition(":")[2])
    work_off()
    assert {mail.status for mail in Mail.objects.all()} == {"pending"}
    assert "refused" in (Mail.objects.all()[0].error or "")
    with serving(inbox, port):
        due_again()
        work_off()
    assert inbox.receivers == sorted(TWO)


def test_a_server_that_hangs_keeps_nothing_else_waiting(settings: LazySettings) -> None:
    a_batch(a_list(), 1, notify=TWO[:1])
    with hanging() as settings.EMAIL_URL:
        chore = a_worker()
        started = time.monotonic()
        assert not chore.turn()
        assert not chore.turn()
        assert time.monotonic() - started < smtp.TIMEOUT
        mail = Mail.objects.get()
        assert mail.status == "pending"
        assert mail.leased_until > database_now()
        chore.stop()
    mail.refresh_from_db()
    assert mail.leased_until <= database_now()


def test_a_server_that_says_nothing_in_time_is_tried_again(
    settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtp, "TIMEOUT", 0.2)
    a_batch(a_list(), 1, notify=TWO[:1])
    with hanging() as settings.EMAIL_URL:
        work_off()
    mail = Mail.objects.get()
    assert (mail.status, mail.attempts) == ("pending", 1)
    assert mail.error


def test_tries_are_further_and_further_apart_and_end_after_days() -> None:
    delays = [mails.delay(attempts) for attempts in range(40)]
    assert delays == sorted(delays)
    assert delays[0] == mails.FIRST_DELAY
    assert delays[1] == 2 * delays[0]
    assert delays[-1] == mails.LONGEST_DELAY
    a_batch(a_list(), 1, notify=TWO[:1])
    Mail.objects.update(created_at=database_now() - mails.GIVEN_UP_AFTER)
    mail = jobs.take(alerts.waiting())
    assert mail is not None
    mails.not_yet(mail, "no answer")
    mail.refresh_from_db()
    assert (mail.status, mail.error) == ("refused", "Given up after 3 days: no answer")


def test_tls_is_used_where_it_is_offered(settings: LazySettings, tmp_path: Path) -> None:
    a_batch(a_list(), 1, notify=TWO[:1])
    inbox = Inbox()
    tls = own_certificate(tmp_path)
    with serving(inbox, tls_context=tls, require_starttls=True) as settings.EMAIL_URL:
        work_off()
    assert inbox.receivers == TWO[:1]


def test_no_password_goes_to_a_server_that_cannot_show_who_it_is(
    settings: LazySettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_batch(a_list(), 1, notify=TWO[:1])
    inbox = Inbox()
    options = {"tls_context": own_certificate(tmp_path), "authenticator": knows(b"me", b"s/e@c")}
    with serving(inbox, **options, auth_required=True) as url:
        settings.EMAIL_URL = url.replace("//", "//me:s%2Fe%40c@")
        work_off()
        assert not inbox.mails
        assert "certificate" in (Mail.objects.get().error or "")
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
        due_again()
        work_off()
    assert inbox.receivers == TWO[:1]


def test_a_wrong_password_is_the_operators_to_mend_and_the_mail_waits(
    settings: LazySettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_batch(a_list(), 1, notify=TWO[:1])
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
    options = {"tls_context": own_certificate(tmp_path), "authenticator": knows(b"me", b"right")}
    with serving(Inbox(), **options, auth_required=True) as url:
        settings.EMAIL_URL = url.replace("//", "//me:wrong@")
        work_off()
    mail = Mail.objects.get()
    assert mail.status == "pending"
    assert (mail.error or "").startswith("535")


def test_without_a_server_mails_are_files(settings: LazySettings) -> None:
    settings.EMAIL_URL = None
    batch = a_batch(a_list(), 1, notify=TWO[:1])
    work_off()
    mail = Mail.objects.get()
    file = stored_files.directory("mails") / f"{mail.public_id}.eml"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert f"To: {TWO[0]}" in file.read_text()
    smtp.send(compose(mail))  # the same mail replaces its file
    assert batch.mails.get().status == "sent"
