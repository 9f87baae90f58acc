"""Stops a worker for a while, at a moment when it holds nothing that others need."""

import signal
import sqlite3
import subprocess
import time
from contextlib import closing

from django.db import OperationalError, connection, transaction

from promint.core.models import Batch


def stop(worker: subprocess.Popen[bytes], batch: Batch) -> None:
    """Stop the worker in the middle of the batch, between two transactions. SIGCONT continues
    it."""
    while True:
        worker.send_signal(signal.SIGSTOP)
        if _is_free(batch):
            break
        worker.send_signal(signal.SIGCONT)
        time.sleep(0.003)
    batch.refresh_from_db()
    assert batch.status == "pending"


def _is_free(batch: Batch) -> bool:
    """Whether the lock is free: on SQLite that of the whole file, on PostgreSQL that of the
    batch's row."""
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
