"""The process that makes one export: python -m promint.worker.export_process KEY FENCE."""

import os
import sys

import django

from promint.core.parent import end_with_parent


def main(key: int, fence: int) -> None:
    from promint.core import exports, traces
    from promint.core.exports import making
    from promint.worker.step import step

    traces.turn_on()
    export = exports.waiting().filter(id=key, fence=fence).first()
    if export is not None:
        with step(export, exports.fail):
            making.make(export)


if __name__ == "__main__":
    end_with_parent()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "promint.settings")
    django.setup()
    main(*map(int, sys.argv[1:]))
