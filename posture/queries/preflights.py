"""What a pre-flight told: which permissions are missing, what that blinds, what mends it, and what a scan costs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from django.db.models import Count, QuerySet

from posture.models import Account, Preflight, Resource
from posture.queries.clouds import CLOUDS
from posture.queries.clouds.cloud import Document
from scanners import preflight as core
from scanners.model import Provider
from scanners.preflight import Outcome, Tried
from scanners.scan import blinded_by


@dataclass(frozen=True)
class Told:
    """The answers of one pre-flight, sorted by what they ask of a person."""

    tried: list[Tried]
    cost: core.Cost
    counts: Mapping[str, int]  # resources known, by kind
    provider: str = Provider.AWS

    @property
    def granted(self) -> dict[str, Outcome]:
        """By permission."""
        return core.by_permission(self.tried)

    @property
    def missing(self) -> list[str]:
        return core.missing(self.tried)

    @property
    def refused(self) -> list[Tried]:
        """Denied, for whatever reason, or not reached."""
        return [one for one in self.tried if one.outcome in (Outcome.DENIED, Outcome.UNREACHABLE)]

    @property
    def not_proven(self) -> list[Tried]:
        return [one for one in self.tried if one.outcome is Outcome.NOT_PROVEN]

    @property
    def policies(self) -> list[Document]:
        """What to paste for exactly what is missing."""
        return CLOUDS[self.provider].documents(self.missing) if self.missing else []

    @property
    def blinded(self) -> list[str]:
        """The checks that would be unknown, each once."""
        return sorted({check for checks in core.blinded(self.refused).values() for check in checks})

    @property
    def calls(self) -> int:
        """Of a scan of the account as far as it is known."""
        return self.cost.with_resources(self.counts)

    @property
    def resources(self) -> int:
        return sum(self.counts.values())


def told(tried: Iterable[Tried], regions: int, account: Account | None = None, provider: str = Provider.AWS) -> Told:
    provider = account.provider if account else provider
    known = Resource.objects.filter(account=account, gone_at=None) if account else Resource.objects.none()
    counts = dict(known.values_list("kind").annotate(n=Count("pk")).order_by())
    return Told(list(tried), core.cost(regions, Provider(provider)), counts, provider)


def of(preflight: Preflight) -> Told:
    return told(msgspec.convert(preflight.tried, list[Tried]), preflight.regions, preflight.account)


def of_account(account: Account) -> QuerySet[Preflight]:
    """Newest first."""
    return Preflight.objects.filter(account=account).select_related("asked_by", "account").order_by("-asked_at", "-pk")


def newest(accounts: Collection[int]) -> dict[int, Preflight]:
    """By account id, without what each call was answered."""
    last = Preflight.objects.filter(account__in=accounts).order_by("account_id", "-asked_at", "-pk")
    return {one.account_id: one for one in last.distinct("account_id").defer("tried")}


def as_json(found: Told, *, account: str, caller: str, region: str) -> dict[str, Any]:
    """What `permissions CLOUD --check --format json` prints."""
    outcomes = Counter(outcome.value for outcome in found.granted.values())
    return {
        "account": account,
        "caller": caller,
        "region": region,
        "state": "refused" if found.refused else "allowed",
        "permissions": {outcome.value: outcomes[outcome.value] for outcome in Outcome},
        "missing": found.missing,
        "refused": [_call(one) | {"checks": blinded_by(one.call)} for one in found.refused],
        "not_proven": [_call(one) for one in found.not_proven],
        "policies": found.policies,
        "cost": {
            "regions": found.cost.regions,
            "calls_of_an_empty_account": found.cost.empty,
            "resources_known": found.resources,
            "calls": found.calls,
        },
    }


def _call(one: Tried) -> dict[str, Any]:
    names = ("call", "permissions", "outcome", "on", "region", "code", "why", "elsewhere")
    return {name: getattr(one, name) for name in names} | {"permissions": list(one.permissions)}


def as_text(found: Told) -> str:
    """For a terminal, without the policies: those go to stdout as they are."""
    good = Counter(found.granted.values())[Outcome.ALLOWED]
    regions = f"{found.cost.regions} regions" if CLOUDS[found.provider].regional else "the whole project"
    lines = [f"{good} of {len(found.granted)} permissions are proven to be there."]
    for one in found.refused:
        checks = blinded_by(one.call)
        lines.append(f"  {one.outcome.value:12} {one.call} in {one.region}: {one.code}, blinds {len(checks)} checks")
        if one.elsewhere:
            lines.append(f"{'':15}forbidden by an {one.elsewhere}: no policy of this identity mends that")
    lines += [f"  not proven   {one.call}: {one.code or one.why}" for one in found.not_proven]
    known = f", {found.calls:,} with the {found.resources:,} resources known" if found.resources else ""
    there = "they are" if CLOUDS[found.provider].regional else "it is"
    lines.append(f"A scan of {regions} takes {found.cost.empty:,} calls when {there} empty{known}.")
    return "\n".join(lines)
