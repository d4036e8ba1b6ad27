"""Who is meant by a member of a binding, or by a principal of a deny rule, and whether somebody belongs to it.

Both spellings ("user:…", "principal://goog/subject/…") come to one key.  Belonging has three values, for groups are
often not read.  Source: "Principal identifiers" and "Principals: types" (IAM documentation), read 2026-11.

Limits: which domains belong to a customer is not known beside the organisation's own; whether the attributes of a
federated identity match is a condition of the request.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from scanners.access.gcp.bindings import of_google
from scanners.access.truth import MAYBE, NO, YES, Truth

ALL, AUTHENTICATED = "allUsers", "allAuthenticatedUsers"
CONSUMER = ("gmail.com", "googlemail.com")
GKE = re.compile(r"(?:serviceAccount:)?([a-z0-9.:-]+)\.svc\.id\.goog\[([^/\]]+)/([^/\]]+)\]")
CLUSTER = re.compile(
    r"principal(?:Set)?://iam\.googleapis\.com/projects/\d+/locations/global/workloadIdentityPools/"
    r"([a-z0-9.:-]+)\.svc\.id\.goog/(.+)"
)
POOL = re.compile(
    r"principal(?P<set>Set)?://iam\.googleapis\.com/(?P<pool>(?:projects/\d+/)?locations/global/"
    r"work(?:loadIdentity|force)Pools/[^/]+)/(?P<rest>.+)"
)
WITHIN = re.compile(
    r"principalSet://cloudresourcemanager\.googleapis\.com/((projects|folders|organizations)/[^/]+)(?:/type/(\w+))?"
)
BASIC = {"projectOwner": "roles/owner", "projectEditor": "roles/editor", "projectViewer": "roles/viewer"}
_SPELLED = (  # the beginning in deny policies → in allow policies
    ("principal://goog/subject/", "user:"),
    ("principal://iam.googleapis.com/projects/-/serviceAccounts/", "serviceAccount:"),
    ("principalSet://goog/group/", "group:"),
    ("principalSet://goog/cloudIdentityCustomerId/", "customer:"),
)
KINDS = {
    "user": "user",
    "serviceAccount": "service account",
    "group": "group",
    "domain": "domain",
    "customer": "organisation's accounts",
    ALL: "everybody",
    AUTHENTICATED: "everybody with an account",
    "principal": "federated identity",
    "principalSet": "set of identities",
    "gke": "workload of a cluster",
    **dict.fromkeys(BASIC, "holders of a basic role"),
}


@lru_cache(maxsize=65_536)
def key_of(member: str) -> str:
    """One spelling for each principal; empty for one that no longer exists."""
    member = member.strip()
    if member.startswith("deleted:"):
        return ""
    if member.startswith("principalSet://goog/public:"):
        return ALL
    for spelled, short in _SPELLED:
        if member.startswith(spelled):
            member = short + member[len(spelled) :]
            break
    if found := GKE.fullmatch(member):
        return f"gke:{found[1]}:{found[2]}/{found[3]}"
    if found := CLUSTER.fullmatch(member):
        steps = found[2].split("/")
        if steps[:2] == ["subject", "ns"] and len(steps) == 5 and steps[3] == "sa":
            return f"gke:{found[1]}:{steps[2]}/{steps[4]}"
    kind, _, name = member.partition(":")
    return f"{kind}:{name.lower()}" if kind in ("user", "serviceAccount", "group", "domain") else member


def member_of(key: str) -> str:
    """As allow policies spell it; what they cannot say, as deny policies do."""
    if key.startswith("gke:"):
        project, _, name = key[4:].rpartition(":")
        return f"serviceAccount:{project}.svc.id.goog[{name}]"
    if key.startswith("customer:"):
        return f"principalSet://goog/cloudIdentityCustomerId/{key[9:]}"
    return key


def kind_of(key: str) -> str:
    return key if key in (ALL, AUTHENTICATED) else key.partition(":")[0]


def is_set(key: str) -> bool:
    """Whether more than one may belong to it, so that a caller's own key does not tell."""
    return kind_of(key) not in ("user", "serviceAccount", "gke", "principal")


@dataclass(frozen=True, slots=True)
class Belongs:
    """`unread`: what would have to be read to know; `words`: what would have to hold of the caller.

    `shaky`: what was not read and may void a binding that was.
    """

    truth: Truth
    unread: str = ""
    words: str = ""
    shaky: str = ""


_YES, _NO = Belongs(YES), Belongs(NO)


@dataclass(frozen=True, slots=True)
class Society:
    """What is known of who is who.  `groups`: key of a group → keys of its members; a group that is not there was not
    read.  `above`: the project and what it stands in, "folders/5".  `holds`: (key, basic role) → of the project.
    """

    project: str
    number: str = ""
    above: frozenset[str] = frozenset()
    domain: str = ""
    customer: str = ""
    accounts: frozenset[str] = frozenset()
    groups: Mapping[str, frozenset[str]] = field(default_factory=dict)
    holds: Callable[[str, str], Belongs] = lambda key, role: _NO

    def ours(self, key: str) -> bool | None:
        """Whether a service account is of this project; None for agents of Google, which live in its own."""
        if of_google(key):
            return None
        email = key.partition(":")[2]
        name, _, domain = email.partition("@")
        if domain == f"{self.project}.iam.gserviceaccount.com" or email in self.accounts:
            return True
        return name in (self.project, f"{self.number}-compute") and domain.endswith("gserviceaccount.com")

    def outside(self, key: str) -> bool:
        kind, domain = kind_of(key), key.rpartition("@")[2] if "@" in key else key.partition(":")[2]
        if kind == "serviceAccount":
            return self.ours(key) is False
        if kind in ("user", "group", "domain"):
            return domain in CONSUMER or (bool(self.domain) and domain != self.domain)
        if kind in ("principal", "principalSet") and (found := POOL.fullmatch(key)):
            return found["pool"].startswith("projects/") and not found["pool"].startswith(f"projects/{self.number}/")
        return kind in (ALL, AUTHENTICATED)

    def belongs(self, caller: str, member: str) -> Belongs:
        """Whether a caller (a key) is meant by a member (a key)."""
        if not member or not caller:
            return _NO
        if caller == member or member == ALL:
            return _YES
        kind = kind_of(member)
        if decide := _SETS.get(kind):
            return decide(self, caller, member)
        if is_set(member):
            return Belongs(MAYBE, f"whom {member[:120]} stands for is not known")
        return _NO


def _authenticated(society: Society, caller: str, member: str) -> Belongs:
    if kind_of(caller) == "principalSet":
        return _YES if WITHIN.fullmatch(caller) else _NO
    return _NO if kind_of(caller) in (ALL, "principal", "gke") else _YES


def _group(society: Society, caller: str, member: str) -> Belongs:
    """Members of members count.  Only what was read tells; a group that contains an unread one may hold anybody."""
    if kind_of(caller) not in ("user", "serviceAccount", "group", "domain"):
        return _NO
    seen, waiting, unread = {member}, [member], ""
    while waiting:
        group = waiting.pop()
        members = society.groups.get(group)
        if members is None:
            unread = unread or f"the members of {group} were not read"
            continue
        if caller in members:
            return _YES
        for one in members:
            if one.startswith("group:") and one not in seen:
                seen.add(one)
                waiting.append(one)
            elif one.startswith("customer:") and _customer(society, caller, one).truth:
                unread = unread or f"{group} holds a whole organisation"
    return Belongs(MAYBE, unread) if unread else _NO


def _domain(society: Society, caller: str, member: str) -> Belongs:
    if kind_of(caller) not in ("user", "customer"):
        return _NO
    domain, wanted = caller.rpartition("@")[2], member.partition(":")[2]
    if kind_of(caller) == "customer":
        same = bool(society.customer) and caller == f"customer:{society.customer}" and wanted == society.domain
        return _YES if same else Belongs(MAYBE, f"which domains belong to {wanted} was not read")
    if domain == wanted:
        return _YES
    return _NO if domain in CONSUMER else Belongs(MAYBE, f"which domains belong to {wanted} was not read")


def _customer(society: Society, caller: str, member: str) -> Belongs:
    kind, domain = kind_of(caller), caller.rpartition("@")[2] if "@" in caller else caller.partition(":")[2]
    if kind not in ("user", "group", "domain", "serviceAccount") or domain in CONSUMER:
        return _NO
    ours = bool(society.customer) and member == f"customer:{society.customer}"
    if ours and kind != "serviceAccount" and domain == society.domain:
        return _YES
    return Belongs(MAYBE, f"who belongs to {member.replace(':', ' ')} was not read")


def _pool(society: Society, caller: str, member: str) -> Belongs:
    """Sets of a pool of outside identities, and of what stands under a project, a folder or an organisation."""
    if found := WITHIN.fullmatch(member):
        return _within(society, caller, found[1], found[3] or "")
    if kind_of(caller) == "gke":
        return _workload(caller, member)
    wanted, own = POOL.fullmatch(member), POOL.fullmatch(caller)
    if wanted is None:
        return Belongs(MAYBE, f"whom {member[:120]} stands for is not known")
    if own is None or own["pool"] != wanted["pool"]:
        return _NO
    if wanted["rest"] == "*":
        return _YES
    if wanted["rest"].startswith("attribute.") and own["rest"].split("/")[0] == wanted["rest"].split("/")[0]:
        return _NO  # another value of the same attribute
    return Belongs(MAYBE, words=f"the caller's {wanted['rest'].replace('/', ' is ', 1)}")


def _workload(caller: str, member: str) -> Belongs:
    found = CLUSTER.fullmatch(member)
    project, _, name = caller[4:].rpartition(":")
    if found is None or found[1] != project:
        return _NO
    kind, _, value = found[2].partition("/")
    if found[2] == "*" or kind == "namespace":
        return _YES if found[2] == "*" or value == name.partition("/")[0] else _NO
    return Belongs(MAYBE, words=f"the workload's {kind} is {value}")


def _within(society: Society, caller: str, place: str, type: str) -> Belongs:
    kind = kind_of(caller)
    if kind in ("user", "group", "domain", "customer", ALL, AUTHENTICATED):
        return _NO
    if kind in ("principal", "principalSet", "gke"):
        if type:
            return _NO
        found = POOL.fullmatch(caller)
        here = found and found["pool"].startswith(f"projects/{society.number}/") and place in society.above
        return _YES if here else Belongs(MAYBE, f"who stands in {place} was not read")
    agent = of_google(caller)
    if type and (type == "ServiceAgent") is not agent:
        return _NO
    if not agent and society.ours(caller):
        known = place in society.above or place.partition("/")[0] == "projects" or len(society.above) > 1
        return (
            _YES if place in society.above else _NO if known else Belongs(MAYBE, f"what stands in {place} was not read")
        )
    if agent and f"{society.number}" and re.search(rf"\b{society.number}[@.-]|-{society.number}@", caller):
        return _YES if place in society.above else _NO
    return Belongs(MAYBE, f"whether {caller.partition(':')[2]} stands in {place} was not read")


def _basic(society: Society, caller: str, member: str) -> Belongs:
    """The convenience members of buckets and datasets: who holds that basic role on a project."""
    kind, _, project = member.partition(":")
    if project not in (society.project, society.number):
        return Belongs(MAYBE, f"who holds {BASIC[kind]} on {project} was not read")
    return society.holds(caller, BASIC[kind])


_SETS: Mapping[str, Callable[[Society, str, str], Belongs]] = {
    AUTHENTICATED: _authenticated,
    "group": _group,
    "domain": _domain,
    "customer": _customer,
    "principalSet": _pool,
    **dict.fromkeys(BASIC, _basic),
}
