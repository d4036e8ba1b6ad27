"""Who is who in an estate: its own service accounts, what the project stands in, the groups whose members were read."""

from __future__ import annotations

from collections.abc import Callable

from scanners.access.gcp.bindings import RESOURCE
from scanners.access.gcp.kinds import GROUP
from scanners.access.gcp.members import Belongs, Society, key_of
from scanners.access.gcp.tree import Tree, number_of
from scanners.model import Resource, Unread
from scanners.model.estate import Estate

MEMBERS = "groups.memberships.list"
ORG = "organizations.get"


def society_of(estate: Estate, tree: Tree, holds: Callable[[str, str], Belongs]) -> Society:
    domain = customer = ""
    if tree.organization and tree.organization.resource:
        try:
            about = tree.organization.resource[ORG]
            domain, customer = (
                str(about["displayName"].value or "").lower(),
                str(about["directoryCustomerId"].value or ""),
            )
        except Unread:
            domain = ""  # then nobody is known to be of the organisation
    return Society(
        estate.account,
        number_of(tree.project),
        frozenset((*(level.name for level in tree.chain), f"projects/{estate.account}")),
        domain,
        customer,
        frozenset(email.lower() for email in tree.emails()),
        dict(_groups(estate)),
        holds,
    )


def _groups(estate: Estate) -> list[tuple[str, frozenset[str]]]:
    """Members by group; a group that was not read is left out, and then it is not known who is in it."""
    found = []
    try:
        for group in estate.all(GROUP):
            try:
                found.append((key_of(f"group:{group[RESOURCE]['groupKey'].need('id').text()}"), _members(group)))
            except Unread:
                continue
    except Unread:
        return found
    return found


def _members(group: Resource) -> frozenset[str]:
    """Keys.  Source: "Membership" (Cloud Identity API), read 2026-11: a member of type OTHER is a whole customer."""
    members = set()
    for one in group[MEMBERS]:
        email, kind = one["preferredMemberKey"]["id"].text(), one["type"].value
        word = {"SERVICE_ACCOUNT": "serviceAccount", "GROUP": "group", "OTHER": "customer"}.get(str(kind), "user")
        account = email.endswith(".gserviceaccount.com")
        members.add(key_of(f"{'serviceAccount' if account else word}:{email}"))
    return frozenset(members)
