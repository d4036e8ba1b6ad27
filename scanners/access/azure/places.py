"""Where a question stands in the tree: what is above it, and what its id says of it to conditions.

Attributes of a resource that its id tells: "Actions and attributes for Azure role assignment conditions for Azure Blob
Storage" (Azure Storage documentation), read 2026-11: the name of the account, the container, the path of the blob.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from scanners.access.azure.rights import MANAGEMENT, SUBSCRIPTION, steps

ROOT = "/"
LONGEST = 4_096  # characters of an id that are looked at; ARM's own limit is half of that
BLOB = "/blobservices/containers/blobs"


@dataclass(frozen=True, slots=True)
class Place:
    """`path` in small letters; `scopes` are the paths at which what is granted holds here.

    `within` is the subscription it stands in, in small letters; nothing for what stands above, or in the directory.
    `any`: all that stands at the path and below it is meant, some of it.  `inside`: what paths of things within a
    resource begin with; nothing for what is no resource.  `whole`: all of the request is told, and
    conditions that ask for more are not met.  `above`: of a management group, those above the subscription, the nearest
    first; nothing where that was not told.
    """

    path: str
    scopes: frozenset[str]
    within: str
    told: Mapping[str, tuple[str, ...]]
    any: bool = False
    inside: str = ""
    whole: bool = False
    above: tuple[str, ...] = ()

    @property
    def is_group_of_subscriptions(self) -> bool:
        return self.path.startswith(MANAGEMENT)

    def holds_within(self, scope: str, action: str) -> bool:
        """Whether the action is on things inside this resource, and the scope is one of them, or holds some of them.

        Who may read secrets and is assigned that on one secret may so in the vault, if it is that one.
        """
        if not self.inside or not scope.startswith(self.inside):
            return False
        return action.startswith(f"{kind_of(steps(scope))}/")

    def is_below(self, scope: str) -> bool | None:
        """Whether what is granted at a scope holds here; None where nobody knows what stands above what."""
        if scope in self.scopes:
            return True
        if scope.startswith(MANAGEMENT):
            return True if self.within else self._is_under(scope) if self.is_group_of_subscriptions else False
        return False

    def _is_under(self, group: str) -> bool | None:
        if self.path in self.above and group in self.above:
            return self.above.index(self.path) < self.above.index(group)
        return None

    @property
    def is_beside(self) -> bool:
        """Whether it is a management group that is not above the subscription."""
        return self.is_group_of_subscriptions and bool(self.above) and self.path not in self.above


@lru_cache(maxsize=8_192)
def place(ref: str, any: bool = False) -> Place:
    ref = ref[:LONGEST]
    told = [step for step in ref.split("/") if step]
    low = steps(ref)
    scopes = {ROOT, *(f"/{'/'.join(low[: end + 1])}" for end in range(len(low)))}
    within = low[1] if low[:1] == ["subscriptions"] and len(low) > 1 else ""
    path = f"/{'/'.join(low)}"
    inside = f"{path}/" if "providers" in low and not path.startswith(MANAGEMENT) else ""
    return Place(path, frozenset(scopes), within, _attributes(told), any, inside)


def kind_of(low: list[str]) -> str:
    """By an id's steps in small letters: "microsoft.web/sites", "resource group"; empty for what is none of ARM's."""
    if "providers" in low:
        at = len(low) - 1 - low[::-1].index("providers")
        rest = low[at + 1 :]
        kind = "/".join([rest[0], *rest[1::2]]) if rest else ""
        return "management group" if kind == "microsoft.management/managementgroups" else kind
    return {0: "root", 2: SUBSCRIPTION, 4: "resource group"}.get(len(low), "")


def _attributes(told: list[str]) -> dict[str, tuple[str, ...]]:
    """The names in an id, by type, as conditions ask for them."""
    at = next((at for at in range(len(told) - 1, -1, -1) if told[at].casefold() == "providers"), None)
    if at is None or at + 1 >= len(told):
        return {}
    kind, found = told[at + 1].casefold(), dict[str, tuple[str, ...]]()
    rest = told[at + 2 :]
    for index in range(0, len(rest) - 1, 2):
        kind = f"{kind}/{rest[index].casefold()}"
        if kind.endswith(BLOB):
            found[f"resource[{kind}:path]"] = ("/".join(rest[index + 1 :]),)
            break
        found[f"resource[{kind}:name]"] = (rest[index + 1],)
    return found
