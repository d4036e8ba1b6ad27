"""Pre-flights: every call of a scan, tried once."""

from __future__ import annotations

from django.db import models

from posture.models.accounts import Account


class Preflight(models.Model):
    class State(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    ACTIVE = (State.WAITING, State.RUNNING)

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="preflights")
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    asked_by = models.ForeignKey("Person", null=True, on_delete=models.SET_NULL, related_name="+")
    asked_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    leased_until = models.DateTimeField(null=True)
    fence = models.PositiveIntegerField(default=0)
    region = models.CharField(max_length=40, blank=True, help_text="the one that stood for all")
    regions = models.PositiveSmallIntegerField(default=0, help_text="how many a scan would look at")
    caller = models.CharField(max_length=2048, blank=True)
    done = models.PositiveIntegerField(default=0, help_text="services tried, of `total`")
    total = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0, help_text="calls that were denied or not reached")
    tried = models.JSONField(default=list, help_text="one object a call: scanners.preflight.Tried")
    sentence = models.TextField(blank=True, help_text="why it failed, for people")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account"],
                condition=models.Q(state__in=["waiting", "running"]),
                name="one_preflight_of_an_account_at_a_time",
            )
        ]
        indexes = [models.Index(fields=["account", "-asked_at"])]

    def __str__(self) -> str:
        return f"pre-flight {self.pk}"

    @property
    def active(self) -> bool:
        return self.state in self.ACTIVE
