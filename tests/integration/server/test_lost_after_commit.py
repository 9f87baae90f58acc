"""The database stops answering between a commit and the answer: nobody is told that nothing was
changed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import connection
from django.http import HttpResponse
from django.test import Client

from promint.core.models import PromoList
from promint.core.storage import has_committed
from tests import databases
from tests.api import Api
from tests.factories import a_list


@contextmanager
def lost(when: Callable[[], bool]) -> Iterator[None]:
    """What is asked of the database fails as soon as `when` says so."""

    def ask(execute: Callable[..., Any], *asked: Any) -> Any:
        if when():
            _cut()
        return execute(*asked)

    with connection.execute_wrapper(ask):
        yield
    connection.close()


def _cut() -> None:
    if databases.cluster is None:
        connection.connection.set_progress_handler(lambda: 1, 1)
        return
    pid = connection.connection.info.backend_pid
    with psycopg.connect(databases.cluster.url("postgres"), autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])


def test_a_change_that_is_done_is_not_called_busy() -> None:
    api, promo_list = Api(), a_list(name="Before")
    with lost(has_committed):
        answer = api.patch(f"/lists/{promo_list.public_id}", {"name": "After"})
    assert (answer.status_code, answer.json()["error"]) == (503, "outcome_unknown")
    assert PromoList.objects.get().name == "After"


def test_a_change_that_was_not_begun_is_called_busy() -> None:
    api, promo_list = Api(), a_list(name="Before")
    with lost(lambda: True):
        answer = api.patch(f"/lists/{promo_list.public_id}", {"name": "After"})
    assert (answer.status_code, answer.json()["error"]) == (503, "busy")
    assert PromoList.objects.get().name == "Before"


def test_a_page_does_not_say_that_nothing_was_saved_when_it_was(
    on_postgresql: databases.Cluster, manager: Client
) -> None:
    """On SQLite, nothing is asked of the database after this commit."""
    answer, promo_list = _archived(manager, has_committed)
    assert (answer.status_code, promo_list.archived_at is None) == (503, False)
    assert "Your change may or may not have been saved" in answer.content.decode()


def test_a_page_that_saved_nothing_says_so(manager: Client) -> None:
    answer, promo_list = _archived(manager, lambda: True)
    assert (answer.status_code, promo_list.archived_at is None) == (503, True)
    assert "Nothing was changed" in answer.content.decode()


def _archived(manager: Client, when: Callable[[], bool]) -> tuple[HttpResponse, PromoList]:
    manager.raise_request_exception = False
    promo_list = a_list()
    with lost(when):
        answer = manager.post(f"/lists/{promo_list.public_id}/archive")
    promo_list.refresh_from_db()
    return answer, promo_list
