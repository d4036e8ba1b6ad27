"""Organisations, as far as a person may see them."""

from __future__ import annotations

from django.db.models import Count, Q, QuerySet

from posture.models import Organisation, Person
from posture.queries import visible


def listed(person: Person) -> QuerySet[Organisation]:
    """By name, with how many accounts of it the person sees: `here`, and `left`."""
    mine = Q(accounts__in=visible.accounts(person))
    return (
        visible.organisations(person)
        .select_related("group", "schedule")
        .annotate(
            here=Count("accounts", filter=mine & Q(accounts__left_at=None)),
            left=Count("accounts", filter=mine & Q(accounts__left_at__isnull=False)),
        )
        .order_by("name", "pk")
    )
