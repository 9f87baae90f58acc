"""Rows of small tables: a random number as key, shown as a public id."""

from typing import ClassVar

from django.db import models
from django.utils.timezone import now as utc_now

from promint.core.rules import ids


class Identified(models.Model):
    PREFIX: ClassVar[str]
    id = models.BigIntegerField(primary_key=True, default=ids.new_key, editable=False)
    created_at = models.DateTimeField(default=utc_now, editable=False)

    class Meta:
        abstract = True

    @property
    def public_id(self) -> str:
        return ids.public(self.PREFIX, self.id)
