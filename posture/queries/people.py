"""People and the groups of accounts they are given.  Only admins ask; whoever else does gets nobody."""

from __future__ import annotations

from django.db.models import Count, Q, QuerySet

from posture.models import AccountGroup, Person


def people(person: Person) -> QuerySet[Person]:
    """Everybody, those who may sign in first."""
    if not person.may(Person.Role.ADMIN):
        return Person.objects.none()
    return Person.objects.prefetch_related("account_groups").order_by("-is_active", "email")


def groups(person: Person) -> QuerySet[AccountGroup]:
    """Every group with how many accounts are in it (`held`) and how many people are given it (`given`)."""
    if not person.may(Person.Role.ADMIN):
        return AccountGroup.objects.none()
    held = Count("accounts", distinct=True)
    given = Count("people", filter=Q(people__is_active=True), distinct=True)
    return AccountGroup.objects.annotate(held=held, given=given).order_by("name")
