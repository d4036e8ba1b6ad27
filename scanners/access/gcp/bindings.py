"""Who is bound to what in Google Cloud: allow policies down the tree, roles as the cloud tells them, deny policies.

Allow policies add up from the organisation to the resource; a child takes nothing away.  Deny policies come first.
Sources: "Understanding allow policies", "Deny policies", "Policy types" (IAM documentation), read 2026-11.

Limits: groups and domains are not expanded, and sentences say so where it matters.  Of conditions only an expiry that
has passed is decided; every other condition counts as one that may be met.  A deny counts when it has no condition and
names the principal itself or everybody.  Principal access boundaries are the engine's to weigh.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from scanners.model import Gap, Node, Resource, State, Unread
from scanners.model.estate import Estate

MANAGER = "cloudresourcemanager.googleapis.com"
PROJECT, FOLDER, ORGANIZATION = f"{MANAGER}/Project", f"{MANAGER}/Folder", f"{MANAGER}/Organization"
LEVELS = (PROJECT, FOLDER, ORGANIZATION)
PREDEFINED, CUSTOM = "iam.googleapis.com/PredefinedRole", "iam.googleapis.com/Role"
RESOURCE, POLICY, DENY = "resource", "iamPolicy", "policies.get"
EVERYONE = {"allUsers": "anyone on the internet", "allAuthenticatedUsers": "anyone with a Google account"}
BASIC = ("roles/owner", "roles/editor", "roles/viewer")
AGENTS = re.compile(  # "Service agents" (IAM documentation, read 2026-11); projects of these names are Google's own
    r"^serviceAccount:(\d+@cloudservices|service-\d+@(gcp-sa-[a-z0-9-]+|compute-system|container-engine-robot|"
    r"serverless-robot-prod|gcf-admin-robot|containerregistry)\.iam)\.gserviceaccount\.com$"
)
UNTIL = re.compile(r"""^request\.time\s*<=?\s*timestamp\(\s*["']([^"']+)["']\s*\)$""")
PUBLIC = ("principalSet://goog/public:all",)


@dataclass(frozen=True, slots=True)
class Grant:
    """One member of one binding, and the policy's owner: "projects/123", or a resource's own full name."""

    member: Node
    binding: Node
    level: str

    @property
    def who(self) -> str:
        return self.member.text()

    @property
    def role(self) -> str:
        return self.binding.need("role").text()

    @property
    def words(self) -> str:
        """On what condition, for a sentence."""
        told = self.binding["condition"]
        title = told["title"].value or told["expression"].value
        return f" on the condition “{title}”" if title else ""

    def over(self, now: datetime) -> bool:
        """Whether its condition can never be met again."""
        expression = self.binding["condition"]["expression"].value
        return isinstance(expression, str) and expired(expression, now)


def grants(policy: Node, level: str = "") -> Iterator[Grant]:
    """Of an allow policy; members that no longer exist hold nothing."""
    for binding in policy["bindings"]:
        for member in binding["members"]:
            if not member.text().startswith("deleted:"):
                yield Grant(member, binding, level)


def open_to_everyone(policy: Node, estate: Estate) -> Iterator[Grant]:
    for grant in grants(policy):
        if grant.who in EVERYONE and not grant.over(estate.now):
            yield grant


def levels(estate: Estate) -> Iterator[Resource]:
    """The project, its folders and its organisation; raises Unread after them if one of the lists was not read."""
    gaps: list[Gap] = []
    for kind in LEVELS:
        try:
            yield from estate.all(kind)
        except Unread as unread:
            gaps.extend(unread.gaps)
    if gaps:
        raise Unread(*gaps)


def inherited(estate: Estate) -> Iterator[Grant]:
    """Every grant that holds on all of the project's resources; raises Unread after those that were read."""
    gaps: list[Gap] = []
    above = levels(estate)
    while True:
        try:
            level = next(above)
            name = level.ref.removeprefix(f"//{MANAGER}/")
            yield from (one for one in grants(level[POLICY], name) if not one.over(estate.now))
        except StopIteration:
            break
        except Unread as unread:
            gaps.extend(unread.gaps)
    if gaps:
        raise Unread(*gaps)


def permissions(role: str, estate: Estate) -> frozenset[str]:
    """What a role holds, as the cloud told it.  Raises Unread for one that was not read."""
    kind = PREDEFINED if role.startswith("roles/") else CUSTOM
    found = estate.find(kind, f"//iam.googleapis.com/{role}")
    if found is None:
        raise Unread(Gap("iam.roles.get", "iam.roles.get", State.SKIPPED, f"{role} was not read", "global"))
    told = found[RESOURCE]
    if told["deleted"].value is True or told["stage"].value == "DISABLED":
        return frozenset()
    return frozenset(one.text() for one in told["includedPermissions"])


def may(grant: Grant, wanted: Iterable[str], estate: Estate) -> bool:
    return not permissions(grant.role, estate).isdisjoint(wanted)


def is_account(who: str) -> bool:
    return who.startswith("serviceAccount:")


def of_google(who: str) -> bool:
    """Whether it is an agent that Google runs and binds by itself: nobody of ours can act as it."""
    return AGENTS.match(who) is not None


def denied(member: str, permission: str, estate: Estate) -> Node | None:
    """The rule that denies it whatever is allowed.  A deny policy that was not read excuses nothing."""
    service, _, verb = permission.partition(".")
    spelled = f"{'cloudresourcemanager' if service == 'resourcemanager' else service}.googleapis.com/{verb}"
    principal = _spelled(member)
    try:
        for level in levels(estate):
            for _, policy in level.each(DENY):
                for rule in policy["rules"]:
                    told = rule["denyRule"]
                    if _covers(told, principal, spelled):
                        return rule
    except Unread:
        return None
    return None


def _covers(told: Node, principal: str, permission: str) -> bool:
    whom = {one.text() for one in told["deniedPrincipals"]}
    if told["denialCondition"].present or not whom & {principal, *PUBLIC}:
        return False
    spared = {one.text() for one in told["exceptionPrincipals"]}
    but = {one.text() for one in told["exceptionPermissions"]}
    named = {one.text() for one in told["deniedPermissions"]}
    return permission in named and permission not in but and principal not in spared


def _spelled(member: str) -> str:
    """How deny policies spell a member ("Principal identifiers", IAM documentation, read 2026-11)."""
    kind, _, name = member.partition(":")
    if kind == "serviceAccount":
        return f"principal://iam.googleapis.com/projects/-/serviceAccounts/{name}"
    return f"principal://goog/subject/{name}" if kind == "user" else member


def expired(expression: str, now: datetime) -> bool:
    """Whether a condition is a conjunction with an expiry that has passed; anything cleverer is not decided here."""
    if "||" in expression or "?" in expression or "!" in expression:
        return False
    for part in expression.split("&&"):
        if found := UNTIL.match(part.strip()):
            try:
                end = datetime.fromisoformat(found[1].replace("Z", "+00:00"))
            except ValueError:
                return False
            return end.tzinfo is not None and end <= now
    return False
