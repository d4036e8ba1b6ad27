"""Connecting accounts, putting them in groups, and letting them go."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from posture.actions import entry
from posture.models import Account, AccountGroup, Person
from posture.runtime.mistakes import Mistake
from posture.store import removal

DEFAULT_GROUP, SAMPLE_GROUP = "All accounts", "Sample data"


def group(name: str = DEFAULT_GROUP) -> AccountGroup:
    return AccountGroup.objects.get_or_create(name=name)[0]


def ambient(*, ref: str, partition: str, name: str = "") -> Account:
    """The account that the machine's own AWS credentials lead to; made when it is seen for the first time."""
    defaults = {"name": name or f"AWS {ref}", "partition": partition, "group": group()}
    return Account.objects.get_or_create(provider="aws", ref=ref, defaults=defaults)[0]


def sample(
    *, ref: str, endpoint: str, regions: list[str], trusted: list[str] | None = None, now: datetime | None = None
) -> Account:
    """The sample account, and where its emulator listens this time."""
    values = {"endpoint": endpoint, "regions": regions, "trusted": trusted or [], "sample": True}
    made = {"name": "Sample shop", "group": group(SAMPLE_GROUP), "added_at": now or timezone.now()}
    return Account.objects.update_or_create(provider="aws", ref=ref, defaults=values, create_defaults=values | made)[0]


def connect(
    *,
    name: str,
    role_arn: str,
    external_id: str,
    group: AccountGroup,
    regions: list[str],
    trusted: list[str],
    now: datetime,
) -> Account:
    """Connect an AWS account after its way in was tried.  Without a role: by this machine's own credentials."""
    who = entry.tried(role_arn=role_arn, external_id=external_id)
    try:
        with transaction.atomic():
            return Account.objects.create(
                provider="aws", ref=who.account, partition=who.partition, name=name, group=group, role_arn=role_arn,
                external_id=external_id, regions=regions, trusted=trusted, added_at=now,
            )  # fmt: skip
    except IntegrityError:
        there = Account.objects.filter(provider="aws", ref=who.account).first()
        raise Mistake(f"Account {who.account} is connected already, as “{there}”.") from None


def change(
    *, account: Account, name: str, group: AccountGroup, role_arn: str, regions: list[str], trusted: list[str]
) -> None:
    """Another role is tried first, and must lead to the same account; the ExternalId never changes."""
    if role_arn != account.role_arn:  # from here on its own, with its own ExternalId
        who = entry.tried(role_arn=role_arn, external_id=account.external_id)
        if who.account != account.ref:
            raise Mistake(f"That leads to account {who.account}, not to {account.ref}. Connect it as another account.")
        account.through_organisation = False
    account.name, account.group, account.role_arn = name, group, role_arn
    account.regions, account.trusted = regions, trusted
    account.save(update_fields=["name", "group", "role_arn", "regions", "trusted", "through_organisation"])


def remove(*, account: Account) -> None:
    """The account, its scans, its findings and all their history go for good."""
    removal.remove(account)


def remove_sample() -> int:
    """Every sample account, and their group when nothing else is in it.  Answers how many there were."""
    samples = list(Account.objects.filter(sample=True))
    for account in samples:
        remove(account=account)
    AccountGroup.objects.filter(name=SAMPLE_GROUP, accounts=None).delete()
    return len(samples)


def name_group(*, name: str, group: AccountGroup | None = None) -> AccountGroup:
    """A new group, or another name for one that is there.  Raises Mistake for a name that is taken."""
    group = group or AccountGroup()
    group.name = name
    try:
        with transaction.atomic():
            group.save()
    except IntegrityError:
        raise Mistake(f"There is a group “{name}” already.") from None
    return group


def fill_group(*, group: AccountGroup, accounts: Iterable[Account], people: Iterable[Person]) -> None:
    """Move accounts into the group, and say who is given it.  An account is always in exactly one group."""
    with transaction.atomic():
        Account.objects.filter(pk__in=[account.pk for account in accounts]).update(group=group)
        group.people.set(people)


def trusted(account: Account) -> frozenset[str]:
    """Accounts that are ours: those named as trusted, all that are connected here, and those of its organisation.

    One that left its organisation may be anybody's now.
    """
    connected = Account.objects.filter(provider=account.provider, left_at=None).values_list("ref", flat=True)
    relatives = account.organisation.members if account.organisation and not account.left_at else []
    return frozenset(connected) | frozenset(account.trusted) | frozenset(relatives)
