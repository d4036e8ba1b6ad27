"""Azure behind the one seam: the engine of a subscription and its directory, and the ways to more power in it."""

from __future__ import annotations

from functools import cached_property

from scanners.access.azure.engine import AzureEngine
from scanners.access.explorer import Explorer, Principal, Ways
from scanners.graph.azure.ground import AzureGround
from scanners.graph.chains import Chains
from scanners.graph.severing import cuts
from scanners.model.estate import Estate


class AzureExplorer(AzureEngine):
    @cached_property
    def chains(self) -> Chains:
        return Chains(AzureGround(self.estate, AzureEngine))

    def ways(self, origin: Principal | None = None, goal: Principal | None = None) -> Ways:
        """Of all: with the edits that stop most of them.  Groups are nobody by themselves, and are left out."""
        found = self.chains.ways(origin, goal)
        if origin is not None:
            return found
        kept = tuple(way for way in found.ways if way.origin.kind != "group")
        return Ways(kept, cuts(self.chains, kept) if goal is None else (), found.caveats)


def explorer(estate: Estate) -> Explorer:
    return estate.derived("azure explorer", lambda: AzureExplorer(estate))
