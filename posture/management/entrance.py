"""Into a cloud, for the commands that ask it: with this machine's own credentials, or as an account is entered."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager

from django.db.models import Q

from posture.actions import entry
from posture.actions.ways import way
from posture.models import Account, Organisation
from posture.queries.clouds import CLOUDS
from posture.runtime.mistakes import Mistake
from scanners import scan as core
from scanners.collectors.cloud import Refusal
from scanners.model import Provider


def machine(provider: str) -> Account:
    """Nobody's row: what this machine's own credentials lead to."""
    return Account(provider=provider)


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


def services_named(values: list[str], provider: str | None = None) -> list[str]:
    """Those of a cloud, or of any."""
    services = names(values)
    of = [Provider(provider)] if provider else [Provider(one) for one in CLOUDS]
    known = sorted({service for one in of for service in core.services(one)})
    if unknown := sorted(set(services) - set(known)):
        raise Mistake(f"No such service: {', '.join(unknown)}. Known are {', '.join(known)}.")
    return services


@contextmanager
def entered(regions: list[str], account: Account) -> Iterator[tuple[core.Transport, core.Arrival]]:
    """Raises Mistake: no credentials, refused ones, or regions that are not enabled there."""
    try:
        cloud = entry.connect(account)
    except Refusal as refusal:
        raise Mistake(way(account.provider).refused_here(refusal)) from None
    with closing(cloud):
        yield cloud, _arrival(cloud, regions, Provider(account.provider))


def _arrival(cloud: core.Transport, regions: list[str], provider: Provider) -> core.Arrival:
    if regions and not CLOUDS[provider].regional:
        raise Mistake(f"{CLOUDS[provider].name} is asked for all its locations at once: leave --regions out.")
    try:
        arrival = core.arrive(cloud, fallback=regions, provider=provider)
    except Refusal as refusal:
        raise Mistake(way(provider).refused_here(refusal)) from None
    if unknown := sorted(set(regions) - set(arrival.regions.enabled)) if not arrival.gap else []:
        raise Mistake(
            f"Not enabled in this account: {', '.join(unknown)}. Enabled are {', '.join(arrival.regions.enabled)}."
        )
    return arrival
