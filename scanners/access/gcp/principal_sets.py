"""Whether a caller is of a set that principal access boundaries are bound to.

Such a set is all that stands in a project or a folder, an organisation with its people, a pool of outside identities,
or the people of a directory.  Source: "Principal access boundary policies", section on principal sets, and "Attribute
reference for IAM Conditions", section on principals (IAM documentation), read 2026-11.

Limits: which organisation a workforce pool belongs to is not read, nor who of a group asks.
"""

from __future__ import annotations

import re

from scanners.access.gcp.bindings import MANAGER, of_google
from scanners.access.gcp.boundaries import LEVEL
from scanners.access.gcp.members import ALL, AUTHENTICATED, CONSUMER, POOL, Belongs, Society, kind_of
from scanners.access.gcp.values import Text, exactly
from scanners.access.truth import MAYBE, NO, YES

POOLS = re.compile(
    r"//iam\.googleapis\.com/((?:projects/[^/]+/)?locations/[^/]+/work(?:loadIdentity|force)Pools/[^/]+)"
)
DIRECTORY = re.compile(r"//iam\.googleapis\.com/locations/global/workspace/([^/]+)")
_YES, _NO = Belongs(YES), Belongs(NO)
PEOPLE = ("user", "domain", "customer")
TYPES = {
    **dict.fromkeys(PEOPLE, "iam.googleapis.com/WorkspaceIdentity"),
    "serviceAccount": "iam.googleapis.com/ServiceAccount",
    "gke": "iam.googleapis.com/WorkloadPoolIdentity",
}
OF_POOLS = {
    "workloadIdentity": "iam.googleapis.com/WorkloadPoolIdentity",
    "workforce": "iam.googleapis.com/WorkforcePoolIdentity",
}


def is_of(society: Society, caller: str, target: str) -> Belongs:
    """`caller` is a key, `target` a full name.  Everybody, of whom nothing is known, is of no set."""
    kind = kind_of(caller)
    if kind in (ALL, AUTHENTICATED):
        return _NO
    if kind == "group":
        return Belongs(MAYBE, words=f"whoever of the group asks is of {target.removeprefix('//')[:120]}")
    if found := POOLS.fullmatch(target):
        return _of_pool(caller, found[1])
    if found := DIRECTORY.fullmatch(target):
        return _of_directory(society, caller, found[1])
    if found := LEVEL.fullmatch(target):
        return _of_level(society, caller, found[1])
    return Belongs(MAYBE, f"whom {target[:120]} stands for is not known")


def _of_pool(caller: str, pool: str) -> Belongs:
    if kind_of(caller) == "gke":
        project = caller[4:].rpartition(":")[0]
        return _YES if pool.endswith(f"/workloadIdentityPools/{project}.svc.id.goog") else _NO
    own = POOL.fullmatch(caller)
    return _YES if own and own["pool"] == pool else _NO


def _of_directory(society: Society, caller: str, customer: str) -> Belongs:
    kind = kind_of(caller)
    if kind not in PEOPLE:
        return _NO
    if kind == "customer":
        return _YES if caller == f"customer:{customer}" else _NO
    domain = caller.rpartition("@")[2] if kind == "user" else caller.partition(":")[2]
    if domain in CONSUMER:
        return _NO
    if society.domain and domain == society.domain and customer in (society.customer, ""):
        return _YES
    return Belongs(MAYBE, f"which domains belong to the directory {customer[:60]} was not read")


def _of_level(society: Society, caller: str, place: str) -> Belongs:
    kind, above = kind_of(caller), place.partition("/")[0] == "organizations"
    if kind in PEOPLE:
        return _of_organization(society, caller, place) if above else _NO
    if of_google(caller):
        return Belongs(MAYBE, "whether boundaries bind agents of Google is not documented")
    if kind == "gke" and caller[4:].rpartition(":")[0] == society.project:
        return _YES if place in society.above else _NO
    pool = POOL.fullmatch(caller)
    if pool and not pool["pool"].startswith("projects/") and not above:
        return _NO  # pools of a workforce stand in an organisation alone
    return society.belongs(caller, f"principalSet://{MANAGER}/{place}")


def _of_organization(society: Society, caller: str, place: str) -> Belongs:
    if place not in society.above:
        return Belongs(MAYBE, f"who belongs to {place} was not read")
    kind = kind_of(caller)
    if kind == "customer" and society.customer:
        return _YES if caller == f"customer:{society.customer}" else _NO
    domain = caller.rpartition("@")[2] if kind == "user" else caller.partition(":")[2]
    if domain in CONSUMER:
        return _NO
    if society.domain and domain == society.domain:
        return _YES
    return Belongs(MAYBE, f"which domains belong to {place} was not read")


def told_of(caller: str) -> dict[str, Text]:
    """What conditions of bindings know of a caller; of one of many, not who it is."""
    kind = kind_of(caller)
    type_ = TYPES.get(kind)
    if kind in ("principal", "principalSet") and (found := POOL.fullmatch(caller)):
        type_ = next((one for word, one in OF_POOLS.items() if f"/{word}Pools/" in f"/{found['pool']}"), None)
    facts = {"principal.type": exactly(type_)} if type_ else {}
    if kind in ("user", "serviceAccount"):
        facts["principal.subject"] = exactly(caller.partition(":")[2])
    return facts
