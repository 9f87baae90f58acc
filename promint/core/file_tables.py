"""The table of files that other machines need."""

from django.db import models
from django.utils.timezone import now as utc_now

from promint.core.storage import KeyText


class FilePiece(models.Model):
    """A piece of a file. All pieces of a file are written in one transaction, so that there is
    never half a file."""

    pk = models.CompositePrimaryKey("name", "number")
    name = KeyText(max_length=100)  # directory and name, like "exports/exp_….csv"
    number = models.PositiveIntegerField()  # the first is 0
    size = models.BigIntegerField()  # of the whole file, in bytes
    content = models.BinaryField()
    stored_at = models.DateTimeField(default=utc_now)
