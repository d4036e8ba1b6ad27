"""Connecting accounts, putting them in groups, and letting them go."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from posture.actions import entry
from posture.models import Account, AccountGroup, Person
from posture.queries.clouds import CLOUDS
from posture.runtime.mistakes import Mistake
from posture.store import removal
from scanners.model import Provider

DEFAULT_GROUP, SAMPLE_GROUP = "All accounts", "Sample data"


def group(name: str = DEFAULT_GROUP) -> AccountGroup:
    return AccountGroup.objects.get_or_create(name=name)[0]


def ambient(*, ref: str, partition: str, name: str = "", provider: str = Provider.AWS) -> Account:
    """The account that the machine's own credentials lead to; made when it is seen for the first time."""
    defaults = {"name": name or f"{CLOUDS[provider].name} {ref}", "partition": partition, "group": group()}
    return Account.objects.get_or_create(provider=provider, ref=ref, defaults=defaults)[0]


def sample(
    *, ref: str, endpoint: str, regions: list[str], trusted: list[str] | None = None, now: datetime | None = None,
    provider: str = Provider.AWS, partition: str = "aws", name: str = "Sample shop",
) -> Account:  # fmt: skip
    """A sample account, and where its emulator listens this time."""
    values = {"endpoint": endpoint, "regions": regions, "trusted": trusted or [], "sample": True}
    made = {"name": name, "partition": partition, "group": group(SAMPLE_GROUP), "added_at": now or timezone.now()}
    made["reads_events"] = provider == Provider.AWS
    there = {"provider": provider, "ref": ref}
    return Account.objects.update_or_create(**there, defaults=values, create_defaults=values | made)[0]


def connect(*, account: Account, now: datetime) -> Account:
    """Connect it after its way in was tried.  Without a way of its own: by this machine's own credentials."""
    who = entry.tried(account)
    account.ref, account.partition, account.added_at = who.account, who.partition, now
    try:
        with transaction.atomic():
            account.save()
    except IntegrityError:
        there = Account.objects.filter(provider=account.provider, ref=who.account).first()
        word = CLOUDS[account.provider].account.capitalize()
        raise Mistake(f"{word} {who.account} is connected already, as “{there}”.") from None
    return account


def change(
    *,
    account: Account,
    name: str,
    group: AccountGroup,
    trusted: list[str],
    regions: list[str] | None = None,
    role_arn: str = "",
    way: dict[str, str] | None = None,
    reads_events: bool = False,
) -> None:
    """Another way in is tried first, and must lead to the same account; the ExternalId never changes."""
    wanted = Account(provider=account.provider, ref=account.ref, role_arn=role_arn, way=way or {})
    if (wanted.role_arn, wanted.way) != (
        account.role_arn,
        account.way,
    ):  # from here on its own, with its own ExternalId
        wanted.external_id = account.external_id
        who = entry.tried(wanted)
        if who.account != account.ref:
            word = CLOUDS[account.provider].account
            raise Mistake(f"That leads to {word} {who.account}, not to {account.ref}. Connect it as another {word}.")
        account.through_organisation = False
    account.name, account.group, account.role_arn, account.way = name, group, wanted.role_arn, wanted.way
    account.regions, account.trusted, account.reads_events = regions or [], trusted, reads_events
    told = ("name", "group", "role_arn", "way", "regions", "trusted", "reads_events", "through_organisation")
    account.save(update_fields=told)


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
