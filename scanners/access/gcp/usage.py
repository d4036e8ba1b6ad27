"""What of its roles a principal has used, by the recommender's insights and recommendations on the project.

Sources: "Policy insights", "Role recommendations" (IAM recommender documentation), read 2026-11: an insight tells, of
one binding, the permissions used within the last 90 days and those that are likely to be needed.

Limits: both speak of bindings on the project itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from scanners.access.gcp.members import key_of
from scanners.access.gcp.roles import because
from scanners.access.gcp.tree import Level
from scanners.model import Node, Resource, Unread

INSIGHTS = "projects.locations.insightTypes.insights.list"
RECOMMENDED = "projects.locations.recommenders.recommendations.list"
SCALE = 86_400  # seconds of a day


@dataclass(frozen=True, slots=True)
class Used:
    """Of one role of one member.  `by`: "action" where permissions are told, "role" where the role as a whole is."""

    by: str
    exercised: frozenset[str] = frozenset()
    inferred: frozenset[str] = frozenset()
    instead: tuple[str, ...] = ()  # roles that the recommender offers
    days: int = 0


@dataclass(frozen=True, slots=True)
class Usage:
    """By (member's key, role).  `unread`: what was not told, and why."""

    of: dict[tuple[str, str], Used] = field(default_factory=dict)
    unread: tuple[str, ...] = ()


def usage_of(project: Level) -> Usage:
    if project.resource is None:
        return Usage(unread=("the project was not read",))
    found: dict[tuple[str, str], Used] = {}
    unread: list[str] = []
    for section, read in ((RECOMMENDED, _recommended), (INSIGHTS, _insights)):
        if not project.resource.asked(section):
            unread.append(f"no scan has asked for {_WORDS[section]}")
            continue
        try:
            found |= dict(read(project.resource))
        except Unread as gaps:
            unread.append(f"{_WORDS[section]} were not read: {because(gaps.gaps)}")
    return Usage(found, tuple(unread))


_WORDS = {INSIGHTS: "the insights on what was used", RECOMMENDED: "the recommendations on roles"}


def _insights(project: Resource) -> Iterator[tuple[tuple[str, str], Used]]:
    for insight in project[INSIGHTS]:
        content = insight["content"]
        if content["member"].present and content["role"].present:
            yield (
                (key_of(content["member"].text()), content["role"].text()),
                Used(
                    "action",
                    frozenset(_permissions(content["exercisedPermissions"])),
                    frozenset(_permissions(content["inferredPermissions"])),
                    days=_days(insight["observationPeriod"]),
                ),
            )


def _permissions(listed: Node) -> Iterator[str]:
    for one in listed:
        yield one.text() if isinstance(one.value, str) else one.need("permission").text()


def _days(period: Node) -> int:
    told = str(period.value or "").removesuffix("s").partition(".")[0]
    return int(told) // SCALE if told.isdigit() and len(told) < 12 else 0


def _recommended(project: Resource) -> Iterator[tuple[tuple[str, str], Used]]:
    """Of those that still stand."""
    for one in project[RECOMMENDED]:
        overview, standing = one["content"]["overview"], one["stateInfo"]["state"].value == "ACTIVE"
        member, role = overview["member"].value, overview["removedRole"].value
        takes = one["recommenderSubtype"].value in ("REMOVE_ROLE", "REPLACE_ROLE")
        if standing and takes and isinstance(member, str) and isinstance(role, str):
            yield (key_of(member), role), Used("role", instead=tuple(each.text() for each in overview["addedRoles"]))
