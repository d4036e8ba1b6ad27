"""Role assignments of a subscription that nobody uses.

Limits: those of `scanners.access.azure.usage`.  Asked of assignments whose role writes, deletes or acts; reading and
data leave no line, so that a role with both kinds of actions, of which one is used, may look unused: it is not judged.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from scanners.access.azure import ASSIGNMENT, DEFINITION, GROUP, MEMBERS, RESOURCE, allows, definition, level, people
from scanners.access.azure.rights import Grant, steps
from scanners.access.azure.usage import ACTIVITY, LINES, WHOLE, usage_of
from scanners.checks.registry import Fix, check
from scanners.checks.usage import day
from scanners.model import Node, Resource, Severity, Verdict, failed, not_applicable, passed
from scanners.model.estate import Estate


@check(
    "azure.iam.unused_assignment",
    on=ASSIGNMENT,
    severity=Severity.MEDIUM,
    title="Role assignment not used",
    reads=(RESOURCE,),
    joins=((DEFINITION, RESOURCE), (GROUP, MEMBERS), (ACTIVITY, LINES)),
    fix=Fix(
        console="The subscription > Access control (IAM) > Role assignments: remove it; or make it eligible in"
        " Privileged Identity Management.",
        cli="az role assignment delete --ids ID",
        terraform="Remove the azurerm_role_assignment, or make it an azurerm_pim_eligible_role_assignment.",
    ),
)
def unused_assignment(assignment: Resource, estate: Estate) -> Iterator[Verdict]:
    """What nobody uses nobody misses, but whoever steals the identity has it."""
    told = assignment[RESOURCE].need("properties")
    grant = Grant(told)
    if steps(grant.scope)[:1] != ["subscriptions"]:
        words = f"It holds on {level(grant.scope)}: other subscriptions have logs of their own"
        yield not_applicable(words, told["scope"])
        return
    if grant.kind == "ForeignGroup":
        yield not_applicable("Who is in a group of another directory is not told", told["principalType"])
        return
    role = definition(grant, estate)
    if not _writes(role):
        yield not_applicable("It only reads, or works on data, which leaves no line in the activity log", role)
        return
    members = dict(people(grant, estate))
    usage = usage_of(estate)
    found = [
        line for who in members for operation, line in usage.by(who, grant.scope).items() if allows(role, operation)
    ]
    if found:
        yield passed("It is used", max(found, key=Node.text), told["scope"])
        return
    usage.need_whole()
    made = told["createdOn"]
    if made.present and (estate.now.date() - day(made)).days < WHOLE:
        yield not_applicable(f"It is new: it was made on {date.isoformat(day(made))}", made)
    elif any(entry["dataActions"].value for entry in role["permissions"]):
        yield not_applicable("It also works on data, which leaves no line in the activity log", role["permissions"])
    else:
        words = f"Nothing that it allows was written or done with it in {usage.days} days"
        yield failed(words, told.need("principalId"), told["scope"], *usage.windows)


def _writes(role: Node) -> bool:
    """Whether it has an action that the log would tell of."""
    patterns = [one.text() for entry in role["permissions"] for one in entry["actions"]]
    return any(one.casefold().rpartition("/")[2] != "read" for one in patterns)
