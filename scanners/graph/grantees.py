"""Grants by whom they let in: a key may have thousands, and a caller is let in by few of them."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence

from scanners.access.aws.policies import Group, compile_policy
from scanners.access.aws.principals import Principal
from scanners.access.aws.requests import compiled
from scanners.access.explorer import Written


class Grants:
    """What lets callers in beside a resource's policy, in order."""

    def __init__(self, written: Sequence[Written]) -> None:
        self._written = written
        self._open: list[int] = []  # that may let in anybody
        self._by: dict[Hashable, list[int]] = {}
        for place, one in enumerate(written):
            names = _names(one.meaning)
            for name in names or ():
                self._by.setdefault(name, []).append(place)
            if names is None:
                self._open.append(place)

    def of(self, who: Principal) -> tuple[Written, ...]:
        """Those that name a caller in any way."""
        if not self._written:
            return ()
        found = {*self._open, *(place for name in _called(who) for place in self._by.get(name, ()))}
        return tuple(self._written[place] for place in sorted(found))


def grouped(written: Iterable[Written]) -> Group | None:
    found = [one.meaning for one in written]
    return compiled("grant", found) if found else None


def _names(document: object) -> set[Hashable] | None:
    """Whom the statements name; None where that may be anybody, or was not understood."""
    found: set[Hashable] = set()
    for rule in compile_policy(document).used_as("grant"):
        named = rule.who
        if named is None or named.everyone or named.flaw:
            return None
        found |= {*named.arns, *named.roles, *(("account", one) for one in named.accounts), *named.others}
    return found


def _called(who: Principal) -> Iterator[Hashable]:
    value = who.value or ""
    yield from (value, (who.kind, value), (who.kind, value.lower()), (who.kind, "*"))
    if who.account:
        yield from (("account", who.account), (who.account, who.name))
