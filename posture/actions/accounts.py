"""Connecting accounts and putting them in groups."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from posture.models import Account, AccountGroup

DEFAULT_GROUP, SAMPLE_GROUP = "All accounts", "Sample data"


def group(name: str = DEFAULT_GROUP) -> AccountGroup:
    return AccountGroup.objects.get_or_create(name=name)[0]


def ambient(*, ref: str, partition: str, name: str = "") -> Account:
    """The account that the machine's own AWS credentials lead to; made when it is seen for the first time."""
    defaults = {"name": name or f"AWS {ref}", "partition": partition, "group": group()}
    return Account.objects.get_or_create(provider="aws", ref=ref, defaults=defaults)[0]


def sample(*, ref: str, endpoint: str, regions: list[str], now: datetime | None = None) -> Account:
    """The sample account, and where its emulator listens this time."""
    values = {"endpoint": endpoint, "regions": regions, "sample": True}
    made = {"name": "Sample shop", "group": group(SAMPLE_GROUP), "added_at": now or timezone.now()}
    return Account.objects.update_or_create(provider="aws", ref=ref, defaults=values, create_defaults=values | made)[0]
