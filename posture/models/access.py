"""What every principal could do when: one version an interval, a row only when its access changed.

Small on purpose: bitmaps and places are compressed, and a statement that many share is kept once an account.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from posture.models.accounts import Account
from posture.models.inventory import Resource


class ActionCatalogue(models.Model):
    """The actions of a cloud in a fixed order; bitmaps can be read with theirs only."""

    id = models.SmallAutoField(primary_key=True)
    digest = models.BinaryField(max_length=16, unique=True)
    names = models.BinaryField(help_text="zlib of the names, one a line")

    def __str__(self) -> str:
        return f"catalogue {self.pk}"


class AccessGrant(models.Model):
    """A statement that gives or bounds access: effect, actions, resources, condition, and whether it surely holds."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+", db_index=False)
    digest = models.BinaryField(max_length=16)
    body = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "digest"], name="access_grant_once")]

    def __str__(self) -> str:
        return bytes(self.digest).hex()


class AccessVersion(models.Model):
    """Of a user, a role or the root user (`resource`): what it could do from `since_at` until `until_at`."""

    pk = models.CompositePrimaryKey("resource_id", "since_at")
    resource = models.ForeignKey(Resource, on_delete=models.CASCADE, related_name="access", db_index=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+", db_index=False)
    since_at = models.DateTimeField()
    until_at = models.DateTimeField(null=True)
    digest = models.BinaryField(max_length=16)
    catalogue = models.ForeignKey(ActionCatalogue, on_delete=models.PROTECT, related_name="+", db_index=False)
    sure = models.BinaryField(help_text="zlib of the bits of what is allowed whatever is not known")
    possible = models.BinaryField(help_text="zlib of the bits of what is allowed for some of what is not known")
    stands = models.BinaryField(help_text="zlib of JSON: layer, policy, place and grant of every statement")
    doubts = models.JSONField(default=list, help_text="what was not read, and could change the answer")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["resource"], condition=Q(until_at=None), name="one_open_access")]
        indexes = [models.Index(fields=["account", "since_at"], name="access_by_time")]

    def __str__(self) -> str:
        return f"{self.resource_id} since {self.since_at:%Y-%m-%d %H:%M}"
