"""Exports: each is made by a process of its own, so that all its memory is free afterwards."""

import logging
from datetime import timedelta

from promint.core import exports
from promint.core.models import Export
from promint.core.storage import jobs
from promint.worker.children import Children, Ended
from promint.worker.step import step

TRIES = 5
SMALL = 100_000  # codes
_NEVER_FINISHED = f"Making the file was started {TRIES} times and never finished."
AGAIN_IN = timedelta(seconds=2)

log = logging.getLogger(__name__)


class Exports:
    def __init__(self) -> None:
        self._making: Children[Export] = Children("promint.worker.export_process")

    def turn(self) -> bool:
        ended = self._making.tend()
        for one in ended:
            self._settle(one)
        export = self._take()
        if export is not None:
            self._making.start(export, str(export.id), str(export.fence))
        return bool(ended) or export is not None

    def _take(self) -> Export | None:
        if self._making.has_room(small=False):
            return jobs.take(exports.waiting())
        if self._making.has_room(small=True):
            return jobs.take(exports.waiting().filter(quantity__lte=SMALL))
        return None

    def _settle(self, ended: Ended[Export]) -> None:
        """The process itself notes whether an export is finished or has failed. Here the process
        has died."""
        if ended.status == 0:
            return
        export = ended.job
        log.error("The process making %s ended with %d.", export.public_id, ended.status)
        with step(export, exports.fail):
            if export.fence >= TRIES:
                exports.fail(export, _NEVER_FINISHED)
            else:
                jobs.put_back(export, again_in=AGAIN_IN)

    def stop(self) -> None:
        self._making.stop()
