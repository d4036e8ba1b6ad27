"""Looking at the overview: what is newer than one's last visit is news."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import F, Q

from posture.models import Person

VISIT = timedelta(hours=1)


def look(*, person: Person, now: datetime) -> datetime | None:
    """When the visit before this one was; None: this is the first.

    A visit lasts an hour at least, so that reloading keeps the news.
    """
    if person.looked_at and person.looked_at > now - VISIT:
        return person.looked_before_at
    over = Q(looked_at=None) | Q(looked_at__lte=now - VISIT)
    if Person.objects.filter(over, pk=person.pk).update(looked_before_at=F("looked_at"), looked_at=now):
        person.looked_before_at, person.looked_at = person.looked_at, now
    else:  # another tab was quicker
        person.refresh_from_db(fields=["looked_at", "looked_before_at"])
    return person.looked_before_at
