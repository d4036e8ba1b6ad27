"""Where the resource of a question stands: in which project, under which levels, and what of it has a policy."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from scanners.access.gcp.bindings import FOLDER, MANAGER, ORGANIZATION, PROJECT
from scanners.access.gcp.kinds import (
    ACCOUNT,
    BUCKET,
    DATASET,
    FUNCTION,
    KEY,
    RING,
    SECRET,
    SERVICE,
    path_of,
    service_of,
)
from scanners.access.lines import NotUnderstood

LEVEL_KINDS = {"organizations": ORGANIZATION, "folders": FOLDER, "projects": PROJECT}
REF = re.compile(r"//[a-z0-9.-]+\.googleapis\.com/[^/\s].*")
LONGEST = 4_096  # characters of a name; those of objects, the longest, have 1,024 bytes
ANYTHING = "a resource"
NOBODY = "none"  # the id of a project of which nothing is told
_PLACE = r"projects/[^/]+(?:/locations/[^/]+)?"
HOLDERS = tuple(  # what of a name has the policy, and its kind; the longest first
    (re.compile(f"//{service}\\.googleapis\\.com/{path}(?=/|$)"), kind)
    for service, path, kind in (
        ("storage", r"(?!projects/)[^/]+", BUCKET),
        ("secretmanager", rf"{_PLACE}/secrets/[^/]+", SECRET),
        ("cloudkms", rf"{_PLACE}/keyRings/[^/]+/cryptoKeys/[^/]+", KEY),
        ("cloudkms", rf"{_PLACE}/keyRings/[^/]+", RING),
        ("run", rf"{_PLACE}/services/[^/]+", SERVICE),
        ("cloudfunctions", rf"{_PLACE}/functions/[^/]+", FUNCTION),
        ("bigquery", r"projects/[^/]+/datasets/[^/]+", DATASET),
        ("iam", r"projects/[^/]+/serviceAccounts/[^/]+", ACCOUNT),
        ("pubsub", r"projects/[^/]+/topics/[^/]+", "pubsub.googleapis.com/Topic"),
        ("pubsub", r"projects/[^/]+/subscriptions/[^/]+", "pubsub.googleapis.com/Subscription"),
        ("artifactregistry", rf"{_PLACE}/repositories/[^/]+", "artifactregistry.googleapis.com/Repository"),
    )
)


@dataclass(frozen=True, slots=True)
class Stands:
    """`holder` is what has the policy of its own: the resource, or the bucket of an object; nothing for a level.

    `account` and `number` are the project's id and number (the same where one alone is told), `project` its name as a
    level has it, `parent` the level above it, and `above` the levels that speak of the resource.
    """

    account: str
    number: str
    project: str
    parent: str | None
    above: frozenset[str]
    holder: str = ""
    kind: str = ""


def stands(ref: str, levels: Sequence[tuple[str, str | None]]) -> Stands:
    """`levels`: (name, id that goes with a number), the highest first.  Raises NotUnderstood."""
    if len(ref) > LONGEST or not REF.fullmatch(ref):
        raise NotUnderstood("request.resource is no full resource name, as //run.googleapis.com/projects/p/… is")
    names = [name for name, _ in levels]
    project, id_ = next(((name, id_) for name, id_ in levels if name.startswith("projects/")), ("", None))
    own = path_of(ref) if service_of(ref) == MANAGER else ""
    if own.count("/") == 1 and own.partition("/")[0] in ("organizations", "folders"):
        return _of_level(own, names)
    first, _, rest = path_of(ref).partition("/")
    mine = rest.partition("/")[0] if first == "projects" else ""
    account, number = _project(project.partition("/")[2], id_ or "", "" if mine in ("_", "-") else mine)
    parent = names[-2] if project and len(names) > 1 else None
    told = (account, number, project, parent, frozenset(names))
    if own.count("/") == 1:
        return Stands(*told)
    return Stands(*told, *holder(ref))


def _of_level(own: str, names: list[str]) -> Stands:
    """What stands below it does not speak of it."""
    if names and own not in names:
        raise NotUnderstood(f"{own[:80]} is none of policies.levels")
    above = names[: names.index(own) + 1] if names else []
    return Stands(NOBODY, NOBODY, "", None, frozenset(above))


def _project(level: str, id_: str, mine: str) -> tuple[str, str]:
    """(id, number) by what the level and the resource call the project; of one alone, that for both."""
    told = {one for one in (level, id_, mine) if one}
    numbers, ids = {one for one in told if one.isdigit()}, {one for one in told if not one.isdigit()}
    if len(numbers) > 1 or len(ids) > 1:
        raise NotUnderstood(f"the resource is of the project {mine[:60]}, and the levels are of {level[:60]}")
    either = next(iter(told), NOBODY)
    return next(iter(ids), either), next(iter(numbers), either)


def holder(ref: str) -> tuple[str, str]:
    """(what has the policy, its kind); of a kind that is not known, the resource itself."""
    ref = ref.replace("//storage.googleapis.com/projects/_/buckets/", "//storage.googleapis.com/", 1)
    for pattern, known in HOLDERS:
        if found := pattern.match(ref):
            return found[0], known
    return ref, ANYTHING
