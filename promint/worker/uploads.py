"""Uploads: each is read by a process of its own, then loaded in turns, like generated codes."""

import json
import signal
from collections import Counter
from typing import Any

from promint.core import uploads
from promint.core.codes import batches
from promint.core.models import Batch
from promint.core.storage import jobs
from promint.core.uploads import Loader
from promint.worker.children import Children, Ended
from promint.worker.step import AGAIN_IN, step

READ_TRIES = 3


class Uploads:
    def __init__(self) -> None:
        self._reading: Children[Batch] = Children(uploads.READER, uploads.SECRETS)
        self._tries: Counter[int] = Counter()  # how often reading was tried, by batch
        self._loader = Loader()

    def turn(self) -> bool:
        ended = self._reading.tend()
        for one in ended:
            with step(one.job, batches.fail):
                self._settle(one)
        batch = jobs.take(batches.waiting("upload").select_related("list"))
        if batch is not None:
            with step(batch, batches.fail):
                self._work(batch)
        return bool(ended) or batch is not None

    def stop(self) -> None:
        self._reading.stop()

    def _work(self, batch: Batch) -> None:
        if batch.quantity and uploads.sorted_path(batch).exists():
            self._loader.work(batch)
        elif not uploads.path(batch).exists():
            batches.fail(batch, "The uploaded file is no longer kept. Upload it again.")
        elif self._reading.has_room(small=uploads.path(batch).stat().st_size <= uploads.SMALL):
            words = str(uploads.path(batch)), str(uploads.part_path(batch)), json.dumps(batch.plan)
            self._reading.start(batch, "sort", *words)
        else:
            jobs.put_back(batch, again_in=AGAIN_IN)

    def _settle(self, ended: Ended[Batch]) -> None:
        batch = ended.job
        if ended.status == -signal.SIGKILL and self._tries[batch.id] < READ_TRIES:
            self._tries[batch.id] += 1  # this is not caused by the file
            jobs.put_back(batch, again_in=AGAIN_IN)
            return
        self._tries.pop(batch.id, None)
        told: dict[str, Any] = {"error": uploads.why_it_ended(ended.status)}
        if ended.status == 0:
            told = json.loads(ended.output)
        if "error" in told or told["rows"] == 0:
            batches.fail(batch, told.get("error", "There are no codes in the file."))
            return
        uploads.part_path(batch).replace(uploads.sorted_path(batch))
        uploads.was_read(batch, told["rows"], told["sheets"])
        jobs.put_back(batch)
