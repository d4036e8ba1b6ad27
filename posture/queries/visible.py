"""What a person may see.  Every query starts here, so that it cannot be forgotten whose data it is."""

from __future__ import annotations

from django.db.models import QuerySet

from posture.models import Account, CoverageCell, Finding, FindingState, Organisation, Person, Resource, Scan, Schedule


class Operator:
    """Whoever runs commands on this machine: the database is theirs.  No request is ever answered in this name."""

    is_active = True

    def may(self, role: str) -> bool:
        return True


Seer = Person | Operator


def everything() -> Operator:
    """For management commands only; a house test keeps it out of views and forms."""
    return Operator()


def accounts(person: Seer) -> QuerySet[Account]:
    """Admins see every account, others those of the groups they were given."""
    if not person.is_active:
        return Account.objects.none()
    if isinstance(person, Operator) or person.may(Person.Role.ADMIN):
        return Account.objects.all()
    return Account.objects.filter(group__people=person)


def organisations(person: Seer) -> QuerySet[Organisation]:
    """Those whose group of accounts one was given."""
    if not person.is_active:
        return Organisation.objects.none()
    if isinstance(person, Operator) or person.may(Person.Role.ADMIN):
        return Organisation.objects.all()
    return Organisation.objects.filter(group__people=person)


def findings(person: Seer) -> QuerySet[Finding]:
    return Finding.objects.filter(account__in=accounts(person))


def finding_states(person: Seer) -> QuerySet[FindingState]:
    return FindingState.objects.filter(account__in=accounts(person))


def resources(person: Seer) -> QuerySet[Resource]:
    return Resource.objects.filter(account__in=accounts(person))


def scans(person: Seer) -> QuerySet[Scan]:
    return Scan.objects.filter(account__in=accounts(person))


def schedules(person: Seer) -> QuerySet[Schedule]:
    return Schedule.objects.filter(account__in=accounts(person))


def cells(person: Seer) -> QuerySet[CoverageCell]:
    return CoverageCell.objects.filter(account__in=accounts(person))
