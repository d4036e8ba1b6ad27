"""Into AWS with this machine's own credentials, for the commands that ask it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager

from django.db.models import Q

from posture.models import Account, Organisation
from posture.runtime.mistakes import Mistake
from scanners import scan as core
from scanners.collectors.aws import account as aws
from scanners.collectors.cloud import Refusal

MACHINE = aws.Connection()  # this machine's own credentials


def account_named(target: str) -> Account:
    """By the cloud's id or the name people gave it.  Raises Mistake."""
    found = Account.objects.filter(ref=target).first() or Account.objects.filter(name=target).first()
    if found is None:
        raise Mistake(f"No account “{target}” is connected. `scan aws` uses this machine's own AWS credentials.")
    return found


def organisation_named(target: str) -> Organisation | None:
    """By the cloud's id or the name people gave it; an account of that name comes first."""
    if Account.objects.filter(Q(ref=target) | Q(name=target)).exists():
        return None
    return Organisation.objects.filter(Q(ref=target) | Q(name=target)).first()


def names(values: list[str]) -> list[str]:
    return [name for value in values for name in value.split(",") if name]


def services_named(values: list[str]) -> list[str]:
    services = names(values)
    if unknown := sorted(set(services) - set(core.services())):
        raise Mistake(f"No such service: {', '.join(unknown)}. Known are {', '.join(core.services())}.")
    return services


@contextmanager
def entered(regions: list[str], way: aws.Connection = MACHINE) -> Iterator[tuple[core.Transport, core.Arrival]]:
    """Raises Mistake: no credentials, refused ones, or regions that are not enabled there."""
    try:
        cloud = aws.connect(way)
    except Refusal as refusal:
        raise Mistake(_no_entry(refusal)) from None
    with closing(cloud):
        yield cloud, _arrival(cloud, regions)


def _arrival(cloud: core.Transport, regions: list[str]) -> core.Arrival:
    try:
        arrival = core.arrive(cloud, fallback=regions)
    except Refusal as refusal:
        raise Mistake(_no_entry(refusal)) from None
    if unknown := sorted(set(regions) - set(arrival.regions.enabled)) if not arrival.gap else []:
        raise Mistake(
            f"Not enabled in this account: {', '.join(unknown)}. Enabled are {', '.join(arrival.regions.enabled)}."
        )
    return arrival


def _no_entry(refusal: Refusal) -> str:
    if refusal.state == "unreachable":
        return (
            f"AWS cannot be reached ({refusal.code}): check the network, the proxy, and AWS_ENDPOINT_URL if it is set."
        )
    if refusal.code == "NoCredentialsError":
        return "No AWS credentials were found: run `aws configure` or `aws sso login`, or set AWS_PROFILE."
    if refusal.code == "ProfileNotFound":
        return f"{refusal.message}: see `aws configure list-profiles`, and correct AWS_PROFILE."
    return f"AWS refused these credentials ({refusal.code}): {refusal.message}"
