"""Stopping a worker for a while, where it holds nothing that the others need."""

import signal
import sqlite3
import subprocess
import time
from contextlib import closing

from django.db import OperationalError, connection, transaction

from promint.core.models import Batch


def stop(worker: subprocess.Popen[bytes], batch: Batch) -> None:
    """In the middle of the batch, between two transactions. SIGCONT wakes it."""
    while True:
        worker.send_signal(signal.SIGSTOP)
        if _is_free(batch):
            break
        worker.send_signal(signal.SIGCONT)
        time.sleep(0.003)
    batch.refresh_from_db()
    assert batch.status == "pending"


def _is_free(batch: Batch) -> bool:
    """On SQLite the whole file, on PostgreSQL the batch's row."""
    try:
        if connection.vendor == "sqlite":
            with closing(sqlite3.connect(connection.settings_dict["NAME"], timeout=0)) as other:
                other.execute("BEGIN IMMEDIATE")
        else:
            with transaction.atomic():
                Batch.objects.select_for_update(nowait=True).get(id=batch.id)
    except (OperationalError, sqlite3.OperationalError):
        return False
    return True
