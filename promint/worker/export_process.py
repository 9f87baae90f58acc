"""The process that makes one export: python -m promint.worker.export_process KEY FENCE."""

import logging
import os
import sys

import django

from promint.worker.parent import end_with_parent

log = logging.getLogger(__name__)


def main(key: int, fence: int) -> None:
    from promint.core import export_making, exports
    from promint.core.storage import Busy, OutcomeUnknown, jobs
    from promint.worker.exports import AGAIN_IN

    export = exports.waiting().filter(id=key, fence=fence).first()
    if export is None:
        return
    try:
        export_making.make(export)
    except jobs.LostLease:
        log.warning("%s went on elsewhere.", export.public_id)
    except (Busy, OutcomeUnknown):
        jobs.put_back(export, again_in=AGAIN_IN)
    except OSError as error:
        log.exception("%s failed.", export.public_id)
        exports.fail(export, f"The file could not be written: {os.strerror(error.errno or 0)}.")


if __name__ == "__main__":
    end_with_parent()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "promint.settings")
    django.setup()
    main(*map(int, sys.argv[1:]))
