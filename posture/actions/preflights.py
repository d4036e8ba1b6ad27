"""Asking for a pre-flight and working on one: every call of a scan, tried once, before anything rests on it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from typing import Any

import msgspec
from django.db import IntegrityError, transaction
from django.db.models import Count, F, Q
from django.db.models.functions import Now

from posture.actions import entry, work
from posture.models import Account, Person, Preflight, Resource
from posture.queries.clouds import CLOUDS
from posture.runtime.mistakes import Mistake
from scanners import preflight as core
from scanners import scan
from scanners.collectors.aws.clients import HOME_REGION
from scanners.collectors.cloud import Refusal
from scanners.model import Provider

LEASE = timedelta(seconds=30)
KEPT = 10  # of an account
Clock = Callable[[], datetime]
Told = Callable[[Preflight], None]


def ask(*, account: Account, now: datetime, by: Person | None = None) -> Preflight:
    """A new one, waiting; the one that is under way, where there is one."""
    try:
        with transaction.atomic():
            return Preflight.objects.create(account=account, asked_by=by, asked_at=now)
    except IntegrityError:
        running = Preflight.objects.filter(account=account, state__in=Preflight.ACTIVE).first()
        return running or ask(account=account, now=now, by=by)


def on(*, preflight_id: int, clock: Clock, told: Told = lambda preflight: None) -> None:
    """Do it, unless somebody else does.  Who dies in it is followed by another, who starts over: it changes nothing."""
    preflight = _leased(preflight_id)
    if preflight is None:
        return
    try:
        tried = _try(preflight, told)
    except (Mistake, Refusal) as why:
        sentence = str(why) if isinstance(why, Mistake) else _no_entry(preflight.account, why)
        _save(preflight, state=Preflight.State.FAILED, sentence=sentence[:1000], finished_at=clock())
        return
    refused = sum(one["outcome"] in (core.Outcome.DENIED, core.Outcome.UNREACHABLE) for one in tried)
    _save(preflight, state=Preflight.State.DONE, tried=tried, refused=refused, finished_at=clock())
    older = Preflight.objects.filter(account=preflight.account_id).order_by("-asked_at", "-pk")[KEPT:]
    Preflight.objects.filter(pk__in=[one.pk for one in older]).delete()


def unattended() -> list[int]:
    """Ids of those that nobody is working on."""
    return list(Preflight.objects.filter(_free(), state__in=Preflight.ACTIVE).values_list("pk", flat=True))


def _free() -> Q:
    return Q(leased_until=None) | Q(leased_until__lt=Now())


def _leased(pk: int) -> Preflight | None:
    taken = Preflight.objects.filter(_free(), pk=pk, state__in=Preflight.ACTIVE).update(
        state=Preflight.State.RUNNING, leased_until=Now() + LEASE, fence=F("fence") + 1
    )
    return Preflight.objects.select_related("account__organisation").get(pk=pk) if taken else None


def _save(preflight: Preflight, **fields: Any) -> bool:
    """Only by whoever holds the lease still."""
    for name, value in fields.items():
        setattr(preflight, name, value)
    held = Preflight.objects.filter(pk=preflight.pk, fence=preflight.fence, state=Preflight.State.RUNNING)
    return bool(held.update(leased_until=Now() + LEASE, **fields))


def _try(preflight: Preflight, told: Told) -> list[Any]:
    """Raises Mistake and Refusal: no way in."""
    account = preflight.account
    provider = Provider(account.provider)
    if account.role_arn:
        entry.tried(account)
    with closing(entry.connect(account)) as cloud:
        arrival = scan.arrive(cloud, fallback=account.regions, provider=provider)
        if arrival.who.account != account.ref:
            raise Mistake(work.elsewhere(arrival, account))
        wanted = [name for name in account.regions or arrival.regions.enabled if name in arrival.regions.enabled]
        region = _region(account, wanted or account.regions) if CLOUDS[provider].regional else ""
        units = scan.plan([region] if region else [], provider=provider)
        _save(preflight, region=region, regions=len(wanted), caller=arrival.who.arn, total=len(units))
        told(preflight)
        tried = [msgspec.to_builtins(core.about_regions(arrival.gap, provider))]
        for found in core.rehearse(cloud, arrival.who, units, work.door(), region=region):
            tried += [msgspec.to_builtins(one) for one in found or ()]
            if not _save(preflight, done=preflight.done + (found is not None)):
                raise Mistake("Another worker took over.")
            told(preflight)
    return sorted(tried, key=lambda one: str(one["call"]))


def _no_entry(account: Account, why: Refusal) -> str:
    return f"{CLOUDS[account.provider].name} did not let us in ({why.code}): {why.message}"


def _region(account: Account, wanted: list[str]) -> str:
    """The one that stands for all: where most of the account is known to be, else where AWS began."""
    here = Resource.objects.filter(account=account, gone_at=None, region__in=wanted).values("region")
    busiest = here.annotate(n=Count("pk")).order_by("-n", "region").first()
    if busiest:
        return str(busiest["region"])
    home = HOME_REGION.get(account.partition, "us-east-1")
    return home if home in wanted or not wanted else wanted[0]
