"""An organisation connected once: its accounts join by themselves, and those that leave are kept as they were.

Known limit: every account but the one that lists the others is entered by one role name, straight from this machine.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import msgspec
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.db.models.functions import Now

from posture.actions import entry, scans
from posture.models import Account, AccountGroup, Organisation, Person, Scan
from posture.runtime.mistakes import Mistake
from posture.store import removal
from scanners.collectors.aws import account as aws
from scanners.collectors.aws.family import Family, Member, family
from scanners.collectors.aws.organizations import ACCOUNTS
from scanners.collectors.cloud import Refusal
from scanners.model import Place, State

LEASE = timedelta(minutes=2)
Clock = Callable[[], datetime]


@dataclass(frozen=True)
class Change:
    """What a look at the list of accounts changed."""

    joined: list[Account] = field(default_factory=list)
    left: list[Account] = field(default_factory=list)


def connect(
    *, name: str, role_arn: str, external_id: str, member_role: str, group: AccountGroup, now: datetime,
    endpoint: str = "",
) -> Organisation:  # fmt: skip
    """Connect it after its way in was tried and its accounts were listed.  Raises Mistake."""
    who = entry.tried(Account(provider="aws", role_arn=role_arn, external_id=external_id, endpoint=endpoint))
    made = Organisation(
        provider="aws", name=name, partition=who.partition, group=group, role_arn=role_arn, member_role=member_role,
        external_id=external_id, endpoint=endpoint, added_at=now,
    )  # fmt: skip
    try:
        _, found = _ask(made)
    except Refusal as refusal:
        raise Mistake(_no_list(refusal, who)) from None
    made.ref, made.management = found.ref, found.management
    try:
        with transaction.atomic():
            made.save()
            _apply(made, who, found, now)
    except IntegrityError:
        there = Organisation.objects.filter(provider="aws", ref=found.ref).first()
        raise Mistake(f"Organisation {found.ref} is connected already, as “{there}”.") from None
    return made


def _no_list(refusal: Refusal, who: aws.Caller) -> str:
    if refusal.code == "AWSOrganizationsNotInUseException":
        return f"Account {who.account} is in no organisation: connect it as an account of its own."
    return (
        f"The role lets us in, but its accounts could not be listed ({refusal.code}). It must be in the account that "
        f"manages the organisation or was delegated to, and be allowed {ACCOUNTS.needs}."
    )


def refresh(*, organisation: Organisation, now: datetime) -> Change:
    """Who joined and who left since.  A list that was refused, or broke off, changes nothing and is kept as a gap."""
    who = aws.Caller("", organisation.partition, "")
    try:
        who, found = _ask(organisation)
    except Refusal as refusal:
        gap = msgspec.to_builtins(refusal.gap(ACCOUNTS, Place(who.account, "global", who.partition)))
        Organisation.objects.filter(pk=organisation.pk).update(gap=gap, tried_at=now)
        organisation.gap, organisation.tried_at = gap, now
        return Change()
    with transaction.atomic():
        held = Organisation.objects.select_for_update().get(pk=organisation.pk)
        if held.read_at and held.read_at > now:  # somebody looked after us, and was quicker
            return Change()
        change = _apply(held, who, found, now)
    organisation.refresh_from_db()
    return change


def _ask(organisation: Organisation) -> tuple[aws.Caller, Family]:
    """Raises Refusal."""
    external_id = organisation.external_id if organisation.role_arn else ""
    way = aws.Connection(organisation.role_arn, external_id, organisation.endpoint)
    with closing(aws.connect(way)) as cloud:
        who = aws.caller(cloud)
        found = family(cloud, who)
    if organisation.ref and found.ref != organisation.ref:
        raise Refusal(State.DENIED, "AnotherOrganisation", f"These credentials lead to organisation {found.ref}.")
    return who, found


def _apply(organisation: Organisation, who: aws.Caller, found: Family, now: datetime) -> Change:
    change, refs = Change(), [member.ref for member in found.members]
    known = {a.ref: a for a in Account.objects.filter(provider=organisation.provider, ref__in=refs)}
    for member in found.members:
        account = known.get(member.ref)
        if member.active and (account is None or account.organisation_id != organisation.pk or account.left_at):
            change.joined.append(_join(organisation, member, account, own=member.ref == who.account))
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


def _join(organisation: Organisation, member: Member, account: Account | None, *, own: bool) -> Account:
    """An account that was connected by itself keeps its way in."""
    role_arn = organisation.role_arn if own else role_in(organisation, member.ref)
    if account:
        account.organisation, account.left_at = organisation, None
        if account.through_organisation:
            account.role_arn = role_arn
        account.save(update_fields=["organisation", "left_at", "role_arn"])
        return account
    return Account.objects.create(
        provider=organisation.provider, ref=member.ref, name=member.name, partition=organisation.partition,
        group=organisation.group, endpoint=organisation.endpoint, organisation=organisation, through_organisation=True,
        role_arn=role_arn,
    )  # fmt: skip


def role_in(organisation: Organisation, ref: str) -> str:
    return f"arn:{organisation.partition}:iam::{ref}:role/{organisation.member_role}"


def change(*, organisation: Organisation, name: str, member_role: str) -> None:
    """Another role name counts for every account that is entered through it."""
    before = organisation.member_role
    organisation.name, organisation.member_role = name, member_role
    with transaction.atomic():
        organisation.save(update_fields=["name", "member_role"])
        for account in organisation.accounts.filter(through_organisation=True, role_arn__endswith=f":role/{before}"):
            if account.role_arn != organisation.role_arn:
                account.role_arn = role_in(organisation, account.ref)
                account.save(update_fields=["role_arn"])


def scan_all(
    *, organisation: Organisation, cause: str, now: datetime, by: Person | None = None
) -> tuple[list[Scan], list[Scan]]:
    """(asked for now, under way already), of every account that has not left."""
    asked, running = [], []
    for account in organisation.accounts.filter(left_at=None).order_by("name", "pk"):
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
