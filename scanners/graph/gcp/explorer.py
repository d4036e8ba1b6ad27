"""The explorer of a project: all that the access engine answers, and the ways that lead from its answers."""

from __future__ import annotations

from functools import cached_property

from scanners.access.explorer import Principal, Ways
from scanners.access.gcp.engine import GoogleEngine
from scanners.graph.chains import Chains
from scanners.graph.gcp.ground import GoogleGround
from scanners.graph.severing import with_cuts
from scanners.model.estate import Estate


class GoogleExplorer(GoogleEngine):
    """An `Explorer` (scanners.access.explorer)."""

    @cached_property
    def chains(self) -> Chains:
        return Chains(GoogleGround(self, self.estate))

    def ways(self, origin: Principal | None = None, goal: Principal | None = None) -> Ways:
        """Of one principal or of all; `goal` may be a principal, or a thing by its full resource name."""
        found = self.chains.ways(origin, goal)
        return with_cuts(self.chains, found) if goal is None else found


def explorer(estate: Estate) -> GoogleExplorer:
    """Made once for an estate."""
    return estate.derived("gcp explorer", lambda: GoogleExplorer(estate))
