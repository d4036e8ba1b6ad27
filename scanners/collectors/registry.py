"""All collectors, by provider: what a plan is made from, and what permissions and catalogue pages follow from."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from types import ModuleType

from scanners.collectors.cloud import Collector
from scanners.model import Provider


@cache
def clouds() -> tuple[Provider, ...]:
    """Those that there are collectors for."""
    return tuple(provider for provider in Provider if find_spec(f"scanners.collectors.{provider}"))


@cache
def collectors(provider: Provider = Provider.AWS) -> tuple[Collector, ...]:
    """Every `COLLECTORS` table in the provider's folder."""
    found = [c for module in _modules(provider) for c in getattr(module, "COLLECTORS", ())]
    return tuple(sorted(found, key=lambda collector: (collector.unit_service, collector.kind)))


def of_unit(service: str, provider: Provider = Provider.AWS) -> tuple[Collector, ...]:
    return tuple(c for c in collectors(provider) if c.unit_service == service)


@cache
def by_kind(provider: Provider = Provider.AWS) -> dict[str, Collector]:
    return {collector.kind: collector for collector in collectors(provider)}


def _modules(provider: Provider) -> Iterator[ModuleType]:
    package = importlib.import_module(f"scanners.collectors.{provider}")
    for module in pkgutil.iter_modules(package.__path__):
        yield importlib.import_module(f"{package.__name__}.{module.name}")
