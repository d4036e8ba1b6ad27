"""The order of the benchmark: the product first, then rescans, limits, peers, and what is too large for every day."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from posture.management.benchmarks.scan import alone, judge, peers, plan, product
from posture.management.benchmarks.scan.database import Database, own
from posture.management.benchmarks.scan.design import REGIONS, design, flaws
from posture.management.benchmarks.scan.stage import Stage, stage
from posture.management.benchmarks.scan.verdict import verdicts
from posture.models import Account, Finding, Resource, Unit
from posture.runtime import home

MORE_REGIONS = (
    "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1", "ap-southeast-2",
    "ca-central-1", "eu-north-1", "eu-west-2", "eu-west-3", "sa-east-1", "us-east-2", "us-west-1", "us-west-2",
)  # fmt: skip
CHANGE = 0.01
Say = Callable[[str], None]


def run(
    *, sizes: list[int], latency: float, limits: bool, regions: int, beside: list[str], seed: int, say: Say
) -> dict[str, Any]:
    """Every figure, by part; `verdicts` among them.  Raises RuntimeError when one of our own scans fails."""
    place = home.home() / "bench"
    tools = place / "tools"
    tools.mkdir(parents=True, exist_ok=True)
    missing = _installed(beside, tools)
    alone.go()
    figures: dict[str, Any] = {"n": sizes[0], "latency ms": latency, "seed": seed, "own network": alone.prepare()}
    with own(place / "home") as database:
        with stage(sizes[0], seed, place) as small:
            say(f"N={small.n}: built with {small.cloud['calls']} calls in {small.cloud['seconds']} s")
            figures |= _ours(small, database, place, latency, say)
            if limits:
                figures["limited"] = _limited(small, database, place, latency, say)
            figures["peers"] = {name: {"not run": why} for name, why in missing.items()}
            for name in beside:
                if name not in missing:
                    _beside(name, small, tools, place, latency, figures, say)
            if regions == 17 and len(sizes) == 1:
                figures["wide"] = _wide(small, database, place, latency, say)
        if len(sizes) > 1:
            with stage(sizes[1], seed, place) as large:
                say(f"N={large.n}: built with {large.cloud['calls']} calls in {large.cloud['seconds']} s")
                figures["large"] = _first(large, database, place, latency, say)
                if regions == 17:
                    figures["wide"] = _wide(large, database, place, latency, say)
    lines = verdicts(figures)
    figures["verdicts"] = [{"target": line.target, "measured": line.measured, "met": line.met} for line in lines]
    figures["lines"] = [line.as_text() for line in lines]
    return figures


def _installed(beside: list[str], tools: Path) -> dict[str, str]:
    """Peers that cannot be run, with the reason.  While there still is a network."""
    missing = {}
    for name in beside:
        try:
            peers.PEERS[name].install(tools)
        except peers.NotRun as why:
            missing[name] = str(why)
    return missing


def _first(on: Stage, database: Database, place: Path, latency: float, say: Say) -> dict[str, Any]:
    """A first scan.  One without latency goes before, so that the answers are there to be replayed."""
    database.fresh()
    on.road()
    product.scan(on, database, place)
    database.fresh()
    on.road(latency_ms=latency)
    figures = product.scan(on, database, place)
    account = Account.objects.get()
    needed = plan.necessary(account, figures["road"])
    figures |= {"necessary": needed.total(), "necessary calls": dict(sorted(needed.items()))}
    figures["resources"] = Resource.objects.filter(gone_at=None).count()
    figures["units"] = Unit.objects.filter(scan__account=account).count()
    say(_in_short(f"N={on.n}, first scan", figures) + f", {figures['necessary']} necessary")
    return figures


def _ours(on: Stage, database: Database, place: Path, latency: float, say: Say) -> dict[str, Any]:
    figures = {"scan": _first(on, database, place, latency, say)}
    failures = Finding.objects.filter(outcome=1).values_list("check_id", "resource__ref", "resource__name")
    checks = {name: (flaw.check,) for name, (_, flaw) in flaws().items()}
    figures["judged"] = {"posture": _judged(on, list(failures), checks)}
    for name, share in (("unchanged", 0.0), ("changed", CHANGE)):
        touched = on.touch(share) if share else 0
        on.road(latency_ms=latency)
        figures[name] = product.scan(on, database, place)
        figures[name]["units"] = figures["scan"]["units"]
        figures[name]["changed share"] = touched / figures["scan"]["resources"]
        say(_in_short(f"N={on.n}, rescan with {touched} changed", figures[name]))
    return figures


def _limited(on: Stage, database: Database, place: Path, latency: float, say: Say) -> dict[str, Any]:
    database.fresh()
    on.road(latency_ms=latency, limited=True)
    figures = product.scan(on, database, place, paced=True)
    say(_in_short(f"N={on.n}, under AWS's limits", figures))
    return figures


def _wide(on: Stage, database: Database, place: Path, latency: float, say: Say) -> dict[str, Any]:
    """Every further region is shown as the first one is."""
    database.fresh()
    on.road(latency_ms=latency, regions=(*REGIONS, *MORE_REGIONS))
    figures = product.scan(on, database, place)
    figures["resources"] = Resource.objects.filter(gone_at=None).count()
    say(_in_short(f"17 regions, {figures['resources']} resources", figures))
    return figures


def _beside(name: str, on: Stage, tools: Path, place: Path, latency: float, figures: dict[str, Any], say: Say) -> None:
    peer = peers.PEERS[name]
    try:
        on.road()
        peers.measure(peer, on, tools, place)
        on.road(latency_ms=latency)
        theirs = peers.measure(peer, on, tools, place)
    except (peers.NotRun, TimeoutError) as why:
        figures["peers"][name] = {"not run": str(why)}
        return
    figures["peers"][name] = theirs
    checks = {flaw: found.prowler for flaw, (_, found) in flaws().items()}
    figures["judged"][name] = _judged(on, list(peer.failures(place / f"{name}-report")), checks)
    say(_in_short(f"N={on.n}, {name}", theirs))


def _judged(on: Stage, failures: list[tuple[str, str, str]], checks: Mapping[str, tuple[str, ...]]) -> dict[str, Any]:
    found = judge.judge(design(on.n, on.seed), on.cloud["ids"], failures, checks)
    return {
        flaw: {"planted": len(one.planted), "missed": sorted(one.missed), "accused": sorted(one.accused)}
        for flaw, one in found.items()
    }


def _in_short(what: str, one: dict[str, Any]) -> str:
    return (
        f"{what}: {one['wall']:.1f} s, {one['cpu']:.1f} s of CPU, {one['peak MB']:.0f} MB, {one['calls']} calls, "
        f"{one['repeated']} repeated, {one['throttled']} throttled"
    )
