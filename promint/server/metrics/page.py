"""The text of /metrics: what all processes of this command have counted, added up, and what the
database says waits. The latter is the same from every machine, so it is not added up."""

import logging
import os
import platform
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from importlib.metadata import version

from django.db import Error, connection
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector

from promint.core.storage import Busy
from promint.server.metrics import facts
from promint.server.metrics.facts import Facts
from promint.server.metrics.shared import DIRECTORY

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
DATABASE_WITHIN = 1.5  # seconds, after which the page is made without the database

log = logging.getLogger(__name__)


class Page:
    """May be asked by several threads at the same time. They take turns."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry(auto_describe=False)
        MultiProcessCollector(self._registry, os.environ[DIRECTORY])  # type: ignore[no-untyped-call]
        self._registry.register(_Installation())
        self._turn = threading.Lock()

    def text(self) -> bytes:
        with self._turn:
            return generate_latest(self._registry)


class _Installation:
    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="metrics")
        self._asked: Future[Facts] | None = None

    def collect(self) -> Iterator[Metric]:
        build = GaugeMetricFamily(
            "promint_build_info", "What runs", labels=["version", "python", "database"]
        )
        build.add_metric([version("promint"), platform.python_version(), connection.vendor], 1)
        yield build
        found = self._facts()
        yield GaugeMetricFamily(
            "promint_database_up", "Whether the database answers", value=found is not None
        )
        if found is not None:
            yield from _of_facts(found)

    def _facts(self) -> Facts | None:
        """A database that says nothing occupies one thread, however often it is asked."""
        if self._asked is None or self._asked.done():
            self._asked = self._thread.submit(_look)
        try:
            return self._asked.result(DATABASE_WITHIN)
        except (TimeoutError, Error, Busy):
            return None


def _look() -> Facts:
    connection.close_if_unusable_or_obsolete()
    try:
        return facts.now()
    except Error:
        connection.close()
        raise


def _of_facts(found: Facts) -> Iterator[Metric]:
    waiting = GaugeMetricFamily("promint_jobs_waiting", "Work for workers", labels=["kind"])
    oldest = GaugeMetricFamily(
        "promint_job_oldest_seconds", "Since when the oldest of it waits", labels=["kind"]
    )
    for kind, queue in found.queues.items():
        waiting.add_metric([kind], queue.waiting)
        oldest.add_metric([kind], queue.oldest_seconds)
    rows = CounterMetricFamily("promint_batch_rows", "Rows of batches", labels=["source", "result"])
    for (source, result), count in found.rows.items():
        rows.add_metric([source, result], count)
    yield from (waiting, oldest, rows)
