"""Findings: what a check says of a resource, now (on the finding) and over time (its states).

A state is an interval; the transition that began it is part of it and is never edited.  Small on purpose: 200,000
findings that change by 0.5 % a day shall make less than 150 MB a year, so proofs are shared and choices are numbers.
"""

from __future__ import annotations

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q

from posture.models.accounts import Account
from posture.models.inventory import Resource


class Outcome(models.IntegerChoices):
    FAIL = 1, "fail"
    UNKNOWN = 2, "unknown"
    PASS = 3, "pass"
    NOT_APPLICABLE = 4, "not_applicable"


class State(models.IntegerChoices):
    OPEN = 1, "open"
    RESOLVED = 2, "resolved"
    GONE = 3, "gone"
    WAIVED = 4, "waived"


class Severity(models.IntegerChoices):
    INFO = 1, "info"
    LOW = 2, "low"
    MEDIUM = 3, "medium"
    HIGH = 4, "high"
    CRITICAL = 5, "critical"


class Transition(models.IntegerChoices):
    OPENED = 1, "opened"
    CHANGED = 2, "changed"
    LOST = 3, "lost"
    SEEN = 4, "seen"
    RESOLVED = 5, "resolved"
    GONE = 6, "gone"


class Proof(models.Model):
    """Sentence, proof and gaps of a verdict; equal ones are stored once for all findings."""

    id = models.AutoField(primary_key=True)
    digest = models.BinaryField(max_length=16, unique=True)
    sentence = models.TextField()
    because = models.JSONField(default=list)
    missing = models.JSONField(default=list)

    def __str__(self) -> str:
        return self.sentence


class Finding(models.Model):
    key = models.CharField(max_length=20, help_text="its public id, equal in every installation")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="findings")
    resource = models.ForeignKey(Resource, on_delete=models.CASCADE, related_name="findings")
    check_id = models.CharField(max_length=80)
    subject = models.TextField(blank=True)
    outcome = models.SmallIntegerField(choices=Outcome)
    last_known = models.SmallIntegerField(choices=Outcome, null=True, help_text="when it was last in sight")
    state = models.SmallIntegerField(choices=State)
    severity = models.SmallIntegerField(choices=Severity)
    transition = models.SmallIntegerField(choices=Transition, help_text="the last one")
    proof = models.ForeignKey(Proof, on_delete=models.PROTECT, related_name="+", db_index=False)
    opened_at = models.DateTimeField(null=True, help_text="when the failure that stands was first seen")
    changed_at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True, help_text="kept for findings out of sight: when they were last in it")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key"], name="finding_once")]  # unique=True makes two indexes
        indexes = [
            models.Index(
                fields=["-severity", "-changed_at", "-id"], condition=Q(state=1), name="finding_open_by_severity"
            ),
            models.Index(
                fields=["account", "-severity", "-changed_at", "-id"],
                condition=Q(state=1),
                name="finding_open_of_account",
            ),
            models.Index(fields=["check_id", "-severity", "-id"], condition=Q(state=1), name="finding_open_of_check"),
        ]

    def __str__(self) -> str:
        return f"{self.check_id} {self.key}"


class FindingState(models.Model):
    """What was true of a finding from `since_at` until `until_at` (null: still)."""

    pk = models.CompositePrimaryKey("finding_id", "since_at")
    finding = models.ForeignKey(Finding, on_delete=models.CASCADE, related_name="states", db_index=False)
    since_at = models.DateTimeField()
    until_at = models.DateTimeField(null=True)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+", db_index=False)
    proof = models.ForeignKey(Proof, on_delete=models.PROTECT, related_name="+", db_index=False)
    outcome = models.SmallIntegerField(choices=Outcome)
    state = models.SmallIntegerField(choices=State)
    severity = models.SmallIntegerField(choices=Severity)
    transition = models.SmallIntegerField(choices=Transition)

    class Meta:
        indexes = [BrinIndex(fields=["since_at"], name="state_by_time")]  # rows come in the order of time: a few pages

    def __str__(self) -> str:
        return f"{self.finding_id} {self.get_transition_display()}"


class Tally(models.Model):
    """How many findings stood how after each scan: what trends are drawn from."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="tallies")
    at = models.DateTimeField()
    outcome = models.SmallIntegerField(choices=Outcome)
    severity = models.SmallIntegerField(choices=Severity)
    count = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "at", "outcome", "severity"], name="tally_once")]

    def __str__(self) -> str:
        return f"{self.count} {self.get_outcome_display()}"
