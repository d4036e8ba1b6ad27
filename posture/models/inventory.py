"""Resources, and what they looked like when: one version an interval, a row only when something changed."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from posture.models.accounts import Account
from posture.models.scans import Scope


class Resource(models.Model):
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="resources")
    scope = models.ForeignKey(Scope, on_delete=models.CASCADE, related_name="resources")
    kind = models.CharField(max_length=80)
    ref = models.TextField(help_text="the cloud's own full id")
    name = models.TextField()
    region = models.CharField(max_length=40)
    digest = models.BinaryField(max_length=16, help_text="of the open version")
    first_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    gone_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "kind", "ref"], name="resource_once")]
        indexes = [
            models.Index(fields=["kind", "id"], name="resource_by_kind"),
            models.Index(fields=["scope", "kind"], condition=Q(gone_at=None), name="resource_here"),
        ]

    def __str__(self) -> str:
        return self.name


class ResourceVersion(models.Model):
    """`body` holds documents (section → answer), calls (section → call) and gaps (section → refusals)."""

    pk = models.CompositePrimaryKey("resource_id", "since_at")
    resource = models.ForeignKey(Resource, on_delete=models.CASCADE, related_name="versions")
    since_at = models.DateTimeField()
    until_at = models.DateTimeField(null=True)
    digest = models.BinaryField(max_length=16)
    body = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["resource"], condition=Q(until_at=None), name="one_open_version")
        ]

    def __str__(self) -> str:
        return f"{self.resource_id} since {self.since_at:%Y-%m-%d %H:%M}"
