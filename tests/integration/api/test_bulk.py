"""Uploads and exports over HTTP."""

import csv
import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from promint.accounts.roles import Scope
from promint.core import exports
from promint.core.codes import batches
from promint.core.models import AuditEntry, Batch, Export, Mail
from promint.core.rules import limits
from promint.core.rules.rules import ListType
from promint.core.storage import jobs
from tests.api import Api, problem, wrong_fields
from tests.bulk import make, work_off
from tests.factories import ACTOR, a_batch, a_key, a_list, a_pending_batch, shown_codes
from tests.servers import Server
from tests.uploaded_files import THREE_CODES


def send(list_id: str, key: str | None = None, **form: Any) -> HttpResponse:
    """Send a form with a file."""
    client = Client(raise_request_exception=False)
    headers = {"Authorization": f"Bearer {key or a_key(Scope.MANAGE)}"}
    return client.post(f"/api/v1/lists/{list_id}/uploads", form, headers=headers)


def a_file(content: bytes = b"code\nAAA1\nA!\n", name: str = "codes.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def test_a_file_is_uploaded_and_its_bad_rows_are_reported() -> None:
    api, promo_list = Api(), a_list(ListType.THIRD_PARTY)
    response = send(promo_list.public_id, file=a_file(), name="July", notify=["a@b.de", "c@d.de"])
    asked = api.ok(response, 202)
    assert (asked["source"], asked["status"], asked["name"]) == ("upload", "pending", "July")
    assert (asked["quantity"], asked["file_name"]) == (0, "codes.csv")
    work_off(batches.find(asked["id"]))
    done = api.ok(api.get(f"/batches/{asked['id']}"))
    assert (done["status"], done["quantity"], done["created"], done["rejected"]) == (
        "active",
        2,
        1,
        1,
    )
    assert done["reasons"] == {"malformed": 1}
    assert [alert["address"] for alert in done["alerts"]] == ["a@b.de", "c@d.de"]
    rejects = api.get(f"/batches/{asked['id']}/rejects")
    assert rejects.headers["Content-Type"] == "text/csv; charset=utf-8"
    named = f'attachment; filename="rejected-rows-{asked["id"]}.csv"'
    assert rejects.headers["Content-Disposition"] == named
    text = b"".join(rejects.streaming_content).decode()  # type: ignore[attr-defined]
    assert text == '\ufeff"row","value","reason"\r\n"3","A!","malformed"\r\n'


@pytest.mark.parametrize("name", ["xlsx", "xls", "UTF-16"])
def test_every_kind_of_file_can_be_sent(name: str) -> None:
    file_name, content = THREE_CODES[name]
    response = send(a_list(ListType.THIRD_PARTY).public_id, file=a_file(content, file_name))
    batch = work_off(batches.find(json.loads(response.content)["id"]))
    assert batch.created == 3


def test_a_name_that_is_not_utf_8_is_refused_and_not_changed() -> None:
    promo_list = a_list(ListType.THIRD_PARTY)
    refused = send(promo_list.public_id, file=a_file(), name=[b"Caf\xe9 cards"])
    assert problem(refused, "invalid_request")["fields"] == {"name": "Send this text as UTF-8."}
    assert not batches.of_list(promo_list.id).exists()


def test_what_is_no_such_file_is_refused() -> None:
    promo_list = a_list(ListType.THIRD_PARTY)
    problem(send(promo_list.public_id, file=a_file(b"AAA1\n", "codes.xlsx")), "unsupported_file")
    problem(send(promo_list.public_id, file=a_file(b"AAA1\n", "codes.pdf")), "unsupported_file")
    problem(send(a_list().public_id, file=a_file()), "wrong_list_type")
    problem(send("lst_0000000000000", file=a_file()), "not_found")
    problem(send(promo_list.public_id, a_key(Scope.CLAIM), file=a_file()), "forbidden")
    problem(send(promo_list.public_id, "pmk_nothing", file=a_file()), "unauthenticated")
    assert not Batch.objects.exists()


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({}, "file"),
        ({"file": "AAA1"}, "file"),
        ({"file": [a_file(), a_file()]}, "file"),
        ({"file": a_file(b"")}, "file"),
        ({"file": a_file(), "name": ["a", "b"]}, "name"),
        ({"file": a_file(), "name": "x" * 201}, "name"),
        ({"file": a_file(), "name": "a\nb"}, "name"),
        ({"file": a_file(), "notify": "nobody"}, "notify"),
        ({"file": a_file(), "notify": ["a@b.de"] * 21}, "notify"),
        ({"file": a_file(), "colour": "red"}, "colour"),
        ({"file": a_file(), "picture": a_file()}, "picture"),
    ],
)
def test_bad_input_names_the_field(form: dict[str, Any], field: str) -> None:
    response = send(a_list(ListType.THIRD_PARTY).public_id, **form)
    assert field in wrong_fields(response)
    assert not Batch.objects.exists()


def test_what_is_no_form_is_refused() -> None:
    api, promo_list = Api(), a_list(ListType.THIRD_PARTY)
    path = f"/lists/{promo_list.public_id}/uploads"
    assert list(wrong_fields(api.send("POST", path, {"file": "x"}))) == ["file"]
    kind = "multipart/form-data"
    assert wrong_fields(api.send("POST", path, b"x", kind))
    assert wrong_fields(api.send("POST", path, b"x", f"{kind}; boundary=x"))
    assert wrong_fields(api.send("POST", path, b"", f"{kind}; boundary=x"))


def test_a_file_of_more_than_the_limit_is_too_large(web: Server) -> None:
    promo_list = a_list(ListType.THIRD_PARTY)
    path = f"/lists/{promo_list.public_id}/uploads"
    big = b"TP000001\n" * (limits.UPLOAD_BYTES // 9 + 1)
    answer = web.manage.post(path, files={"file": ("codes.csv", big)})
    assert (answer.status_code, answer.json()["error"]) == (413, "payload_too_large")
    answer = web.manage.post(path, files={"file": ("codes.csv", b"AAA1\n")})
    assert answer.status_code == 202
    assert Batch.objects.count() == 1


def test_a_file_sent_in_chunks_is_read_and_counted(web: Server) -> None:
    promo_list = a_list(ListType.THIRD_PARTY)
    path = f"/lists/{promo_list.public_id}/uploads"
    start = b'--x\r\nContent-Disposition: form-data; name="file"; filename="codes.csv"\r\n\r\n'
    headers = {"Content-Type": "multipart/form-data; boundary=x"}

    def body(pieces: int) -> Any:
        yield start
        for _ in range(pieces):
            yield b"TP000001\n" * 100_000
        yield b"\r\n--x--\r\n"

    answer = web.manage.post(path, content=body(3), headers=headers)
    assert answer.status_code == 202, answer.text
    answer = web.manage.post(path, content=body(120), headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (413, "payload_too_large")


def test_a_failed_batch_is_tried_again() -> None:
    api = Api()
    batch = a_pending_batch(a_list())
    taken = jobs.take(batches.waiting("generated"))
    assert taken is not None
    batches.fail(taken, "The disk is full.")
    failed = api.ok(api.get(f"/batches/{batch.public_id}"))
    assert (failed["status"], failed["error"]) == ("failed", "The disk is full.")
    again = api.ok(api.post(f"/batches/{batch.public_id}/retry"), 202)
    assert (again["status"], again["error"]) == ("pending", None)
    problem(api.post("/batches/bat_0000000000000/retry"), "not_found")


def test_a_refused_mail_shows_on_its_batch() -> None:
    api = Api()
    batch = a_batch(a_list(), 1, notify=["ops@example.com"])
    Mail.objects.update(status="refused", error="550 No such user")
    (alert,) = api.ok(api.get(f"/batches/{batch.public_id}"))["alerts"]
    assert alert == {
        "address": "ops@example.com",
        "about": "finished",
        "status": "refused",
        "error": "550 No such user",
    }


@pytest.mark.parametrize("format", ["csv", "xls", "xlsx"])
def test_a_batch_is_exported_and_fetched(format: str) -> None:
    api = Api()
    batch = a_batch(a_list(name="Été"), 3)
    asked = api.ok(api.post("/exports", {"batch": batch.public_id, "format": format}), 202)
    assert (asked["status"], asked["rows"], asked["quantity"]) == ("pending", 0, 3)
    assert (asked["batch"], asked["list"]) == (batch.public_id, batch.list.public_id)
    path = f"/exports/{asked['id']}"
    problem(api.get(f"{path}/file"), "export_pending")
    make(exports.find(asked["id"]))
    done = api.ok(api.get(path))
    assert (done["status"], done["rows"]) == ("active", 3)
    assert done["expires_at"] > done["finished_at"] > done["created_at"]
    file = api.get(f"{path}/file")
    content = b"".join(file.streaming_content)  # type: ignore[attr-defined]
    assert content == exports.path(exports.find(asked["id"])).read_bytes()
    assert file.headers["Content-Length"] == str(len(content))
    assert file.headers["Cache-Control"] == "no-store"
    assert file.headers["Content-Disposition"] == (
        f"attachment; filename*=utf-8''%C3%89t%C3%A9%20-%20Batch%201.{format}"
    )
    downloads = AuditEntry.objects.filter(subject=asked["id"], action="export.downloaded")
    assert downloads.get().actor.startswith("key:")


def test_a_list_is_exported() -> None:
    api = Api()
    promo_list = a_list()
    batch = a_batch(promo_list, 2)
    asked = api.ok(api.post("/exports", {"list": promo_list.public_id, "format": "csv"}), 202)
    assert asked["batch"] is None
    make(exports.find(asked["id"]))
    file = b"".join(api.get(f"/exports/{asked['id']}/file").streaming_content)  # type: ignore[attr-defined]
    rows = list(csv.DictReader(file.decode("utf-8-sig").splitlines()))
    assert [row["Code"] for row in rows] == shown_codes(batch)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"format": "csv"}, "batch"),
        ({"batch": "bat_1", "list": "lst_1", "format": "csv"}, "batch"),
        ({"batch": 1, "format": "csv"}, "batch"),
        ({"list": ["lst_1"], "format": "csv"}, "list"),
        ({"batch": "bat_1"}, "format"),
        ({"batch": "bat_1", "format": "ods"}, "format"),
        ({"batch": "bat_1", "format": None}, "format"),
        ({"batch": "bat_1", "format": "csv", "colour": "red"}, "colour"),
    ],
)
def test_a_wrong_field_of_an_export_is_named(body: dict[str, Any], field: str) -> None:
    assert list(wrong_fields(Api().post("/exports", body))) == [field]


def test_what_cannot_be_exported_is_refused() -> None:
    api = Api()
    pending = a_pending_batch(a_list())
    wish = {"batch": pending.public_id, "format": "csv"}
    assert problem(api.post("/exports", wish), "batch_pending")["retryable"]
    problem(api.post("/exports", wish | {"batch": "bat_0000000000000"}), "not_found")
    problem(api.post("/exports", wish | {"batch": "lst_\x00"}), "not_found")
    big = a_batch(a_list(), 1)
    Batch.objects.filter(id=big.id).update(quantity=1_000_001, created=1_000_001)
    wish = {"batch": big.public_id, "format": "xls"}
    assert list(wrong_fields(api.post("/exports", wish), "too_many_for_xls")) == ["format"]
    assert not Export.objects.exists()


def test_an_export_that_is_gone_is_not_found() -> None:
    api = Api()
    export = make(exports.request_batch(a_batch(a_list(), 1).public_id, "csv", ACTOR))
    exports.path(export).unlink()
    problem(api.get(f"/exports/{export.public_id}/file"), "not_found")
    problem(api.get("/exports/exp_0000000000000"), "not_found")
    problem(api.get("/exports/exp_0000000000000/file"), "not_found")
