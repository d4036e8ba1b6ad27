"""An organisation connected once: its accounts join by themselves, and those that leave are kept as they were.

Known limits: all of them are entered straight from this machine, in AWS by one role name.  A management group is known
by its id alone, so of two directories that have one of the same id only one can be connected.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import msgspec
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.db.models.functions import Now

from posture.actions import entry, scans
from posture.actions.ways import way
from posture.models import Account, Organisation, Person, Scan
from posture.runtime.mistakes import Mistake
from posture.store import removal
from scanners import scan as core
from scanners.collectors.background import promptly
from scanners.collectors.cloud import Refusal
from scanners.collectors.family import Family, Member
from scanners.model import Gap, Place, Provider, State, Unread

LEASE = timedelta(minutes=2)
LISTING_SECONDS = 45.0  # of a list that a person waits for
Clock = Callable[[], datetime]


@dataclass(frozen=True)
class Change:
    """What a look at the list of accounts changed."""

    joined: list[Account] = field(default_factory=list)
    left: list[Account] = field(default_factory=list)


def connect(*, organisation: Organisation, now: datetime) -> Organisation:
    """Connect it after its way in was tried and its accounts were listed.  Raises Mistake."""
    if lister := way(organisation.provider).lister(organisation):
        entry.tried(lister)
    found = _tried(organisation)
    organisation.ref, organisation.management = found.ref, found.management
    organisation.partition, organisation.added_at = found.who.partition, now
    try:
        with transaction.atomic():
            organisation.save()
            _apply(organisation, found, now)
    except IntegrityError:
        there = Organisation.objects.filter(provider=organisation.provider, ref=found.ref).first()
        raise Mistake(f"Organisation {found.ref} is connected already, as “{there}”.") from None
    return organisation


def _tried(organisation: Organisation) -> Family:
    """While a person waits.  Raises Mistake."""
    try:
        return promptly(lambda: _ask(organisation), LISTING_SECONDS)
    except Unread as unread:
        gaps = unread.gaps
    except Refusal as late:
        call = core.relations(Provider(organisation.provider)).CALLS[0]
        gaps = (late.gap(call, Place("", "global", organisation.provider)),)
    raise Mistake(way(organisation.provider).unlisted(gaps, organisation)[:600])


def refresh(*, organisation: Organisation, now: datetime) -> Change:
    """Who joined and who left since.  A list that was refused, or broke off, changes nothing and is kept as a gap."""
    try:
        found = _ask(organisation)
    except Unread as unread:
        first, *also = msgspec.to_builtins(unread.gaps)
        gap = {**first, "also": also}
        Organisation.objects.filter(pk=organisation.pk).update(gap=gap, tried_at=now)
        organisation.gap, organisation.tried_at = gap, now
        return Change()
    with transaction.atomic():
        held = Organisation.objects.select_for_update().get(pk=organisation.pk)
        if held.read_at and held.read_at > now:  # somebody looked after us, and was quicker
            return Change()
        change = _apply(held, found, now)
    organisation.refresh_from_db()
    return change


def _ask(organisation: Organisation) -> Family:
    """Raises Unread."""
    provider = Provider(organisation.provider)
    found = core.family(provider, way(provider).root(organisation))
    if organisation.ref and found.ref != organisation.ref:
        call = core.relations(provider).CALLS[0]
        why = f"These credentials lead to organisation {found.ref}."
        raise Unread(Gap(call.name, call.needs, State.DENIED, "AnotherOrganisation", "global", why))
    return found


def _apply(organisation: Organisation, found: Family, now: datetime) -> Change:
    change, refs = Change(), [member.ref for member in found.members]
    known = {a.ref: a for a in Account.objects.filter(provider=organisation.provider, ref__in=refs)}
    for member in found.members:
        account = known.get(member.ref)
        if _joins(member, account):
            change.joined.append(_join(organisation, member, account, own=member.ref == found.who.account))
        elif member.gone and account and account.organisation_id == organisation.pk and not account.left_at:
            change.left.append(account)
    for account in organisation.accounts.filter(left_at=None).exclude(ref__in=refs):
        if account.through_organisation:
            change.left.append(account)
        else:  # it has its own way in, and goes on without the others
            Account.objects.filter(pk=account.pk).update(organisation=None)
    Account.objects.filter(pk__in=[account.pk for account in change.left]).update(left_at=now)
    organisation.members, organisation.management, organisation.gap = refs, found.management, {}
    organisation.tried_at = organisation.read_at = now
    organisation.save(update_fields=["members", "management", "gap", "tried_at", "read_at"])
    return change


def _joins(member: Member, account: Account | None) -> bool:
    """One that is with an organisation stays there until it leaves: a folder and what is above it list it both."""
    if account is None or not member.active:
        return member.active
    return not member.unseen if account.left_at else account.organisation_id is None


def _join(organisation: Organisation, member: Member, account: Account | None, *, own: bool) -> Account:
    """An account that was connected by itself keeps its way in."""
    entrance = way(organisation.provider).entrance(organisation, member.ref, own=own)
    if account:
        account.organisation, account.left_at = organisation, None
        _enter(account, entrance if account.through_organisation else {}, "organisation", "left_at")
        return account
    return Account.objects.create(
        provider=organisation.provider, ref=member.ref, name=member.name, partition=organisation.partition,
        group=organisation.group, endpoint=organisation.endpoint, organisation=organisation, through_organisation=True,
        **entrance,
    )  # fmt: skip


def _enter(account: Account, entrance: dict[str, Any], *more: str) -> None:
    for name, value in entrance.items():
        setattr(account, name, value)
    account.save(update_fields=[*entrance, *more])


def change(*, organisation: Organisation, **fields: Any) -> None:
    """Its name, and how its accounts are entered: that counts for every account that is entered through it.

    Another way to the list itself is tried first.  Raises Mistake.
    """
    cloud, before = way(organisation.provider), copy(organisation)
    wanted = copy(organisation)
    for name, value in fields.items():
        setattr(wanted, name, value)
    if cloud.root(wanted) != cloud.root(before):
        _tried(wanted)
    with transaction.atomic():
        wanted.save(update_fields=list(fields))
        for account in organisation.accounts.filter(through_organisation=True):
            own = account.role_arn == organisation.role_arn
            old = cloud.entrance(before, account.ref, own=own)
            if all(getattr(account, name) == value for name, value in old.items()):
                _enter(account, cloud.entrance(wanted, account.ref, own=own))
    organisation.refresh_from_db()


def scan_all(
    *, organisation: Organisation, cause: str, now: datetime, by: Person | None = None
) -> tuple[list[Scan], list[Scan]]:
    """(asked for now, under way already), of every account that has not left.

    The one that manages the others comes first: what its scan learns of them, theirs may rest on.
    """
    asked, running = [], []
    there = organisation.accounts.filter(left_at=None)
    for account in sorted(there, key=lambda one: (one.ref != organisation.management, one.name, one.pk)):
        try:
            asked.append(scans.ask(account=account, cause=cause, now=now, by=by))
        except scans.AlreadyRunning as already:
            running.append(already.scan)
    return asked, running


def answer_tick(*, organisation_id: int, clock: Clock) -> list[Scan]:
    """Of a schedule: look who is there now, then ask for the scans.  Of two who are rung, one does it."""
    due = Organisation.objects.filter(_free(), pk=organisation_id, due_at__isnull=False)
    if not due.update(leased_until=Now() + LEASE):
        return []
    organisation = Organisation.objects.get(pk=organisation_id)
    refresh(organisation=organisation, now=clock())
    asked, _ = scan_all(organisation=organisation, cause="schedule", now=clock())
    Organisation.objects.filter(pk=organisation_id, due_at=organisation.due_at).update(due_at=None, leased_until=None)
    return asked


def unattended() -> list[int]:
    """Ids of organisations with a tick that nobody is answering."""
    return list(Organisation.objects.filter(_free(), due_at__isnull=False).values_list("pk", flat=True))


def _free() -> Q:
    return Q(leased_until=None) | Q(leased_until__lt=Now())


def remove(*, organisation: Organisation) -> None:
    """The accounts that came with it go with all their history; those that were connected by themselves stay."""
    for account in organisation.accounts.filter(through_organisation=True):
        removal.remove(account)
    organisation.delete()
