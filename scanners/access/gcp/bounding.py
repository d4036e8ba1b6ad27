"""Which boundaries a caller is subject to, and what they take away where; worked out once for each caller."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from scanners.access.gcp.bindings import MANAGER
from scanners.access.gcp.boundaries import Place, Subject, blocks, reach_of
from scanners.access.gcp.cel import Context
from scanners.access.gcp.kinds import LEVELS
from scanners.access.gcp.members import Society
from scanners.access.gcp.principal_sets import is_of, told_of
from scanners.access.gcp.targets import Scene
from scanners.access.gcp.tree import Level, Tree
from scanners.access.gcp.weighing import Situation, Weighed, weigh
from scanners.access.truth import NO, YES


@dataclass(slots=True)
class Bounding:
    tree: Tree
    society: Society
    account: str
    now: datetime
    _subjects: dict[str, tuple[Subject, ...]] = field(default_factory=dict, repr=False)
    _places: dict[tuple[str, ...], Place] = field(default_factory=dict, repr=False)

    any: bool = field(init=False)  # whether something is bound at all, or may be

    def __post_init__(self) -> None:
        self.any = any(level.bounds or level.unread_bounds for level in self.tree.chain)

    def subjects(self, caller: str) -> tuple[Subject, ...]:
        """The bindings that may mean a caller; a boundary that was deleted binds nobody."""
        if caller not in self._subjects:
            self._subjects[caller] = tuple(self._meaning(caller))
        return self._subjects[caller]

    def _meaning(self, caller: str) -> Iterator[Subject]:
        situation = Situation(Context(self.now, told_of(caller)))
        for level in self.tree.chain:
            for bound in level.bounds:
                boundary = self.tree.boundaries.of(bound)
                found = weigh(bound.statement, is_of(self.society, caller, bound.target), (), situation)
                if found and boundary is not None:
                    yield Subject(bound, found, boundary)

    def place(self, where: Scene) -> Place:
        """Where the resource of a question stands, as boundaries name it."""
        levels = tuple(level for level in where.levels if level.kind in LEVELS)
        key = tuple(level.ref for level in levels)
        if key not in self._places:
            self._places[key] = self._place(levels)
        return self._places[key]

    def _place(self, levels: tuple[Level, ...]) -> Place:
        names = {level.name for level in levels}
        if self.tree.project in levels:
            names.add(f"projects/{self.account}")
        if not levels:
            return Place(frozenset(), "what stands above it was not read")
        doubts = self.tree.above(levels[0])[1] if levels[0] in self.tree.folders else ()
        return Place(frozenset(names), next(iter((*self.tree.unread, *doubts)), ""))

    def blocks(
        self, caller: str, permission: str, place: Place, widened: frozenset[str] = frozenset()
    ) -> list[Weighed]:
        subjects = self.subjects(caller)
        return list(blocks(subjects, permission, place, widened)) if subjects else []

    def unread(self, caller: str, permission: str, place: Place) -> tuple[str, ...]:
        """Why a further boundary may take a permission from a caller.  Where one surely lets it be, none does."""
        missing = [level for level in self.tree.chain if level.unread_bounds]
        if not missing or reach_of("latest").takes(permission) == NO or self._eligible(caller, permission, place):
            return ()
        meant = (level for level in missing if self._may_bind(level, caller))
        return tuple(dict.fromkeys(why for level in meant for why in level.unread_bounds))

    def doubts(self, caller: str) -> tuple[str, ...]:
        """What was not read of the levels that may bind the caller."""
        levels = (level for level in self.tree.chain if level.unread_bounds and self._may_bind(level, caller))
        return tuple(dict.fromkeys(why for level in levels for why in level.unread_bounds))

    def _may_bind(self, level: Level, caller: str) -> bool:
        return is_of(self.society, caller, f"//{MANAGER}/{level.name}").truth != NO

    def _eligible(self, caller: str, permission: str, place: Place) -> bool:
        return any(
            not isinstance(one.boundary, str)
            and one.weighed.least == YES
            and one.boundary.within & place.names
            and one.boundary.reach.takes(permission) == YES
            for one in self.subjects(caller)
        )
