"""Accounts that are audited, in groups that people are given."""

from __future__ import annotations

import secrets

from django.db import models
from django.utils import timezone


def new_external_id() -> str:
    """128 random bits; made here, never by people, and never changed."""
    return secrets.token_hex(16)


class AccountGroup(models.Model):
    name = models.CharField(max_length=100, unique=True)

    def __str__(self) -> str:
        return self.name


class Account(models.Model):
    """One AWS account, GCP project, Azure subscription or Kubernetes cluster, and the way into it.

    No key is ever stored: a role to assume, or (both empty) the credential chain of the machine that scans.
    """

    id = models.AutoField(primary_key=True)  # 4 bytes: it stands in every row of history
    provider = models.CharField(max_length=12)
    ref = models.CharField(max_length=255, help_text="the cloud's own id: 12 digits for AWS, a project's id for GCP")
    name = models.CharField(max_length=200)
    partition = models.CharField(max_length=20, default="aws")
    group = models.ForeignKey(AccountGroup, on_delete=models.PROTECT, related_name="accounts")
    role_arn = models.CharField(max_length=2048, blank=True)
    external_id = models.CharField(max_length=64, default=new_external_id, unique=True, editable=False)
    way = models.JSONField(
        default=dict, help_text="of other clouds than AWS: what is stored of the way in, never a key"
    )
    endpoint = models.CharField(max_length=200, blank=True, help_text="of the emulator behind a sample account")
    sample = models.BooleanField(default=False)
    regions = models.JSONField(default=list, help_text="to look at; empty: all that are enabled")
    trusted = models.JSONField(
        default=list, help_text="accounts outside this one (for GCP: domains) that belong to us or are trusted"
    )
    reads_events = models.BooleanField(
        default=False, help_text="scans also read what CloudTrail's event history has of functions (AWS)"
    )
    organisation = models.ForeignKey("Organisation", null=True, on_delete=models.SET_NULL, related_name="accounts")
    through_organisation = models.BooleanField(
        default=False, help_text="its way in is the organisation's: that one's ExternalId, or the machine's credentials"
    )
    left_at = models.DateTimeField(
        null=True, help_text="seen to be no part of its organisation any more: kept as it is"
    )
    added_at = models.DateTimeField(default=timezone.now)
    published_at = models.DateTimeField(null=True, help_text="of the scan that readers see")
    published_scan = models.ForeignKey("Scan", null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["provider", "ref"], name="account_once")]
        ordering = ["name", "ref"]

    def __str__(self) -> str:
        return self.name
