"""Tables of offers besides the offers themselves. Imported through `models`."""

from django.db import models

from promint.core.rules import limits


class FormerOfferName(models.Model):
    """A name that an offer had before it was renamed, and until when. What was issued before then
    keeps this name. Never changed."""

    offer = models.ForeignKey("core.Offer", models.CASCADE, related_name="former_names")
    name = models.CharField(max_length=limits.NAME_CHARACTERS)
    until = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["offer", "until"], name="former_offer_name_once")
        ]
