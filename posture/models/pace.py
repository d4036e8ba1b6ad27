"""How fast an account may be asked, whatever the number of those who ask."""

from __future__ import annotations

from django.db import models


class Pace(models.Model):
    """One quota of one account in one region.  Written only by posture.store.pace, by the database's clock."""

    key = models.CharField(max_length=200, primary_key=True, help_text="account/region/quota")
    rate = models.FloatField(help_text="requests a second, as the cloud publishes it")
    pace = models.FloatField(help_text="requests a second, as its refusals taught us")
    free_at = models.DateTimeField(help_text="when the next request may be sent")

    def __str__(self) -> str:
        return self.key
