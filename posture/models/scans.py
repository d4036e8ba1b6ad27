"""Scans, their units of work, what they staged, and what they could not see."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from posture.models.accounts import Account


class Clock(models.Model):
    """Cron with a time zone.  `due_at` is the next tick; whoever moves it forward owns that tick."""

    cron = models.CharField(max_length=100)
    timezone = models.CharField(max_length=64, default="UTC")
    paused = models.BooleanField(default=False)
    due_at = models.DateTimeField(db_index=True)
    last_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.cron} ({self.timezone})"


class Schedule(Clock):
    """When an account is scanned."""

    account = models.OneToOneField(Account, on_delete=models.CASCADE, related_name="schedule")


class Scan(models.Model):
    class State(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        COMPLETE = "complete"
        INCOMPLETE = "incomplete"
        FAILED = "failed"

    ACTIVE = (State.WAITING, State.RUNNING)

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="scans")
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    cause = models.CharField(max_length=20, help_text="person, schedule, command, archive or sample")
    asked_by = models.ForeignKey("Person", null=True, on_delete=models.SET_NULL, related_name="+")
    asked_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    regions = models.JSONField(default=list)
    services = models.JSONField(default=list)
    caller = models.CharField(max_length=2048, blank=True, help_text="the identity that asked the cloud")
    planned = models.BooleanField(default=False, help_text="its units exist")
    leased_until = models.DateTimeField(null=True, help_text="of whoever plans or publishes it")
    fence = models.PositiveIntegerField(default=0)
    sentence = models.TextField(blank=True, help_text="why it failed, for people")
    summary = models.JSONField(default=dict, help_text="opened, resolved, unchanged, calls, retries, throttled, cells")
    digest = models.CharField(max_length=32, blank=True, help_text="of the canonical final state")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account"],
                condition=Q(state__in=["waiting", "running"]),
                name="one_scan_of_an_account_at_a_time",
            )
        ]
        indexes = [models.Index(fields=["account", "-asked_at"]), models.Index(fields=["-asked_at"])]

    def __str__(self) -> str:
        return f"scan {self.pk}"

    @property
    def active(self) -> bool:
        return self.state in self.ACTIVE


class Unit(models.Model):
    """One service in one region of one scan.  Leased by a worker; the fence of the lease guards what it writes."""

    class State(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"

    scan = models.ForeignKey(Scan, on_delete=models.CASCADE, related_name="units")
    region = models.CharField(max_length=40)
    service = models.CharField(max_length=40)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    fence = models.PositiveIntegerField(default=0)
    leased_until = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    calls = models.PositiveIntegerField(default=0)
    retries = models.PositiveIntegerField(default=0)
    throttled = models.PositiveIntegerField(default=0)
    seen = models.PositiveIntegerField(default=0, help_text="resources")
    listed = models.JSONField(default=list, help_text="kinds whose listing was read in full")
    gaps = models.JSONField(default=dict, help_text="kind → the listings that were not")
    cells = models.JSONField(default=list, help_text="coverage: one object a call")
    gone = models.JSONField(default=list, help_text="ids of resources proven gone")
    unseen = models.JSONField(default=list, help_text="ids of resources that a gap in their listing hides")
    preview = models.JSONField(default=list, help_text="failures that this unit alone already shows")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scan", "region", "service"], name="unit_once")]

    def __str__(self) -> str:
        return f"{self.service} in {self.region}"


class StagedResource(models.Model):
    """A new or changed resource that a unit saw, until its scan is published."""

    unit = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="staged")
    kind = models.CharField(max_length=80)
    ref = models.TextField()
    name = models.TextField()
    region = models.CharField(max_length=40)
    digest = models.BinaryField(max_length=16)
    body = models.JSONField()

    def __str__(self) -> str:
        return self.ref


class Scope(models.Model):
    """One service in one region of an account: the unit in which "gone" can be proven, and its freshness."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="scopes")
    region = models.CharField(max_length=40)
    service = models.CharField(max_length=40)
    read_at = models.DateTimeField(null=True, help_text="when it was last read without a gap")
    tried_at = models.DateTimeField(null=True)
    gaps = models.JSONField(default=dict, help_text="kind → listings that the last try did not read")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "region", "service"], name="scope_once")]

    def __str__(self) -> str:
        return f"{self.service} in {self.region}"


class CoverageCell(models.Model):
    """How one call ended in one scope, as an interval: a row only when that changed."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="cells")
    region = models.CharField(max_length=40)
    service = models.CharField(max_length=40)
    call = models.CharField(max_length=100)
    permission = models.CharField(max_length=100)
    state = models.CharField(max_length=14)
    code = models.CharField(max_length=200, blank=True)
    message = models.CharField(max_length=300, blank=True)
    counts = models.JSONField(default=dict, help_text="state → how often")
    refs = models.JSONField(default=list, help_text="resources that its gaps blinded, at most 20")
    since_at = models.DateTimeField()
    until_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "region", "service", "call"], condition=Q(until_at=None), name="one_open_cell_a_call"
            )
        ]
        indexes = [models.Index(fields=["account", "since_at"])]

    def __str__(self) -> str:
        return f"{self.call} in {self.region}: {self.state}"
