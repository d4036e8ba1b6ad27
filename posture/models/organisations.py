"""An organisation that is connected once, for all of its accounts."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from posture.models.accounts import AccountGroup, new_external_id
from posture.models.scans import Clock


class Organisation(models.Model):
    """What lists the accounts, and how each of them is entered.

    AWS: a role in the account that may list the others, and one of the same name in each.  GCP: an organisation or a
    folder, Azure: a management group, and one identity that is let into all below; `way` is as an account's.
    What the list said last stands in `members`; a list that was refused leaves it as it was and stands in `gap`.
    """

    provider = models.CharField(max_length=12)
    ref = models.CharField(
        max_length=200, help_text="the cloud's own id: o-abcdefghij, organizations/1, folders/1, a management group's"
    )
    management = models.CharField(
        max_length=64, blank=True, help_text="id of the account that manages it, or of the directory it belongs to"
    )
    name = models.CharField(max_length=200)
    partition = models.CharField(max_length=20, default="aws")
    group = models.ForeignKey(AccountGroup, on_delete=models.PROTECT, related_name="organisations")
    role_arn = models.CharField(max_length=2048, blank=True, help_text="of the account that may list the others")
    member_role = models.CharField(
        max_length=512, blank=True, help_text="name, with its path, of the role in every other account"
    )
    way = models.JSONField(
        default=dict, help_text="of other clouds than AWS: what is stored of the way in, never a key"
    )
    external_id = models.CharField(max_length=64, default=new_external_id, unique=True, editable=False)
    endpoint = models.CharField(max_length=200, blank=True, help_text="of the emulator behind a sample organisation")
    members = models.JSONField(default=list, help_text="ids of its accounts, as the last whole list named them")
    gap = models.JSONField(default=dict, help_text="why the last try gave no whole list; empty: it did")
    added_at = models.DateTimeField(default=timezone.now)
    tried_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True, help_text="when the last whole list was asked for")
    due_at = models.DateTimeField(null=True, help_text="of a tick whose scans are still to be asked for")
    leased_until = models.DateTimeField(null=True, help_text="of whoever asks for them")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["provider", "ref"], name="organisation_once")]
        ordering = ["name", "ref"]

    def __str__(self) -> str:
        return self.name


class OrganisationSchedule(Clock):
    """When all accounts of an organisation are scanned."""

    organisation = models.OneToOneField(Organisation, on_delete=models.CASCADE, related_name="schedule")
