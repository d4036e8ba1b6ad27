"""All that is known of one account, so that a check can look from one resource to another."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from scanners.model.evidence import Gap, Unread
from scanners.model.resource import Resource

Made = TypeVar("Made")
NOT_SCANNED = "NotScanned"  # the code of a gap where nobody has looked yet


@dataclass(frozen=True)
class Estate:
    """`load` gives the resources of a kind; `gaps` holds, by kind, the listings that were not read in full."""

    account: str
    now: datetime  # when the scan was asked for: the only clock a decision may read
    load: Callable[[str], Iterable[Resource]]
    gaps: Mapping[str, tuple[Gap, ...]] = field(default_factory=dict)
    trusted_accounts: frozenset[str] = frozenset()
    read: Mapping[str, frozenset[str]] = field(default_factory=dict)  # by kind, the regions listed in full
    _kinds: dict[str, dict[str, Resource]] = field(default_factory=dict, repr=False)
    _derived: dict[Hashable, Any] = field(default_factory=dict, repr=False)

    def all(self, kind: str) -> Iterator[Resource]:
        """Every resource of a kind; raises Unread *after* those that were seen, if a listing was not read in full."""
        yield from self._of(kind).values()
        if gaps := self.gaps.get(kind):
            raise Unread(*gaps)

    def all_seen_from(self, kind: str, region: str = "") -> Iterator[Resource]:
        """Like `all`, for things that every region's list shows: where that region (or any) was read, regions that
        nobody has looked at hide nothing.
        """
        try:
            yield from self.all(kind)
        except Unread as unread:
            read = self.read.get(kind, frozenset())
            hidden = [gap for gap in unread.gaps if gap.code != NOT_SCANNED]
            if hidden or not (region in read if region else read):
                raise Unread(*(hidden or unread.gaps)) from None

    def find(self, kind: str, ref: str) -> Resource | None:
        """The resource of that id; None when it is proven not to be in the account."""
        found = self._of(kind).get(ref)
        if found is None and (gaps := self.gaps.get(kind)):
            raise Unread(*gaps)
        return found

    def derived(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """What follows from the estate, worked out once for all checks.  Unread is remembered as well, and raised."""
        if key not in self._derived:
            try:
                self._derived[key] = make()
            except Unread as unread:
                self._derived[key] = unread
        found: Made | Unread = self._derived[key]
        if isinstance(found, Unread):
            raise Unread(*found.gaps)
        return found

    def hold(self, kinds: Iterable[str], read: Callable[[list[str]], Iterable[Resource]]) -> None:
        """Read several kinds together, those that are not known yet."""
        missing = [kind for kind in kinds if kind not in self._kinds]
        found: dict[str, dict[str, Resource]] = {kind: {} for kind in missing}
        for resource in sorted(read(missing) if missing else (), key=lambda resource: resource.ref):
            found[resource.kind][resource.ref] = resource
        self._kinds.update(found)

    @property
    def held(self) -> tuple[str, ...]:
        """Kinds whose resources stand in memory."""
        return tuple(self._kinds)

    def release(self, kinds: Iterable[str]) -> None:
        """Forget what was read of some kinds; who asks again reads again."""
        for kind in kinds:
            self._kinds.pop(kind, None)

    def _of(self, kind: str) -> dict[str, Resource]:
        if kind not in self._kinds:
            found = sorted(self.load(kind), key=lambda resource: resource.ref)
            self._kinds[kind] = {resource.ref: resource for resource in found}
        return self._kinds[kind]
