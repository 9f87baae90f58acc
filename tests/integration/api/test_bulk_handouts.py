"""Handing out in bulk over HTTP."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from promint.accounts.roles import Scope
from promint.core import bulk_handouts
from promint.core.models import BulkHandout
from promint.core.rules.rules import ListType
from tests.api import Api, problem, wrong_fields
from tests.bulk import hand_out_all
from tests.factories import a_batch, a_key, a_list


def send(list_id: str, key: str, **form: Any) -> HttpResponse:
    client = Client(raise_request_exception=False)
    path = f"/api/v1/lists/{list_id}/handouts/bulk"
    return client.post(path, form, headers={"Authorization": f"Bearer {key}"})


def a_file(content: bytes = b"customer\ncust-1\n", name: str = "customers.csv") -> Any:
    return SimpleUploadedFile(name, content)


def test_a_file_of_recipients_becomes_a_file_of_codes() -> None:
    key = a_key(Scope.MANAGE)
    api, promo_list = Api(key=key), a_list()
    a_batch(promo_list, 1)
    content = b"customer;n\ncust-1;1\ncust-2;2\n"
    asked = api.ok(send(promo_list.public_id, key, file=a_file(content)), 202)
    assert (asked["status"], asked["list"]) == ("pending", promo_list.public_id)
    path = f"/bulk-handouts/{asked['id']}"
    problem(api.get(f"{path}/file"), "export_pending")
    problem(api.get(f"{path}/rejects"), "export_pending")
    hand_out_all(bulk_handouts.find(asked["id"]))
    done = api.ok(api.get(path))
    assert (done["status"], done["quantity"], done["handed_out"]) == ("active", 2, 1)
    assert done["reasons"] == {"no_codes_left": 1}
    assert done["expires_at"] > done["finished_at"]
    (handout,) = api.ok(api.get(f"/lists/{promo_list.public_id}/handouts"))["items"]
    for part, name in (("file", "handouts"), ("rejects", "rows-without-a-code")):
        named = f'attachment; filename="{name}-{asked["id"]}.csv"'
        assert api.get(f"{path}/{part}").headers["Content-Disposition"] == named
    assert text_of(api.get(f"{path}/file")) == (
        f'\ufeff"recipient","code"\r\n"cust-1","{handout["code"]}"\r\n'
    )
    assert text_of(api.get(f"{path}/rejects")) == (
        '\ufeff"row","value","reason"\r\n"3","cust-2","no_codes_left"\r\n'
    )
    page = api.ok(api.get(f"/lists/{promo_list.public_id}/handouts/bulk"))
    assert page == {"items": [done], "count": 1}


def text_of(response: HttpResponse) -> str:
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    return b"".join(response.streaming_content).decode()  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({}, "file"),
        ({"file": a_file(), "early": "true"}, "early"),
        ({"file": a_file(), "name": "July"}, "name"),
        ({"file": a_file(), "column": "x" * 201}, "column"),
        ({"file": a_file(), "header": ["yes", "no"]}, "header"),
    ],
)
def test_bad_input_names_the_field(form: dict[str, Any], field: str) -> None:
    assert field in wrong_fields(send(a_list().public_id, a_key(Scope.MANAGE), **form))
    assert not BulkHandout.objects.exists()


def test_refusals() -> None:
    key = a_key(Scope.MANAGE)
    many = a_list(ListType.MULTI_USE).public_id
    problem(send(many, key, file=a_file()), "wrong_list_type")
    problem(send("lst_0", key, file=a_file()), "not_found")
    problem(send(a_list().public_id, key, file=a_file(name="a.pdf")), "unsupported_file")
    problem(send(a_list().public_id, a_key(Scope.CLAIM), file=a_file()), "forbidden")
    undecided = a_file(b"a,b\nx,y\n")
    assert len(problem(send(a_list().public_id, key, file=undecided), "column_needed")["choices"])
    problem(Api().get("/bulk-handouts/hbk_0000000000000"), "not_found")
    problem(Api().get("/bulk-handouts/hbk_0000000000000/file"), "not_found")
