"""Jobs with a file: each file is read by a process of its own, and then worked on in turns, like
generated codes."""

import json
import signal
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import QuerySet

from promint.core import bulk_handouts, shared_files, uploads
from promint.core.bulk_handouts import Giver
from promint.core.codes import batches
from promint.core.models import Batch, BulkHandout
from promint.core.storage import jobs
from promint.core.uploads import Loader
from promint.worker.children import Children, Ended
from promint.worker.step import AGAIN_IN, step

READ_TRIES = 3
J = TypeVar("J", Batch, BulkHandout)


@dataclass(frozen=True)
class Kind(Generic[J]):
    """`work`: works for a while on a file that was read. `holds`: the name of its values."""

    waiting: Callable[[], QuerySet[J]]
    work: Callable[[J], None]
    fail: Callable[[J, str], None]
    holds: str


class SentFiles(Generic[J]):
    def __init__(self, kind: Kind[J]) -> None:
        self._kind: Kind[J] = kind
        self._reading: Children[J] = Children(uploads.READER, uploads.SECRETS)
        self._tries: Counter[int] = Counter()  # how often reading was tried, by job

    def turn(self) -> bool:
        ended = self._reading.tend()
        for one in ended:
            with step(one.job, self._kind.fail):
                self._settle(one)
        job = jobs.take(self._kind.waiting())
        if job is not None:
            with step(job, self._kind.fail):
                self._work(job)
        return bool(ended) or job is not None

    def stop(self) -> None:
        self._reading.stop()

    def _work(self, job: J) -> None:
        if job.quantity and uploads.sorted_path(job).exists():
            self._kind.work(job)
        elif not shared_files.bring(uploads.path(job), uploads.part_path(job)):
            self._kind.fail(job, "The uploaded file is no longer kept. Upload it again.")
        elif self._reading.has_room(small=uploads.path(job).stat().st_size <= uploads.SMALL):
            words = str(uploads.path(job)), str(uploads.part_path(job)), json.dumps(job.plan)
            self._reading.start(job, "sort", *words)
        else:
            jobs.put_back(job, again_in=AGAIN_IN)

    def _settle(self, ended: Ended[J]) -> None:
        job = ended.job
        if ended.status == -signal.SIGKILL and self._tries[job.id] < READ_TRIES:
            self._tries[job.id] += 1  # this is not caused by the file
            jobs.put_back(job, again_in=AGAIN_IN)
            return
        self._tries.pop(job.id, None)
        told: dict[str, Any] = {"error": uploads.why_it_ended(ended.status)}
        if ended.status == 0:
            told = json.loads(ended.output)
        if "error" in told or told["rows"] == 0:
            nothing = f"There are no {self._kind.holds} in the file."
            self._kind.fail(job, told.get("error", nothing))
            return
        uploads.part_path(job).replace(uploads.sorted_path(job))
        uploads.was_read(job, told["rows"], told["sheets"])
        jobs.put_back(job)


def of_codes() -> SentFiles[Batch]:
    def waiting() -> QuerySet[Batch]:
        return batches.waiting("upload").select_related("list")

    return SentFiles(Kind(waiting, Loader().work, batches.fail, "codes"))


def of_recipients() -> SentFiles[BulkHandout]:
    return SentFiles(Kind(bulk_handouts.waiting, Giver().work, bulk_handouts.fail, "recipients"))
