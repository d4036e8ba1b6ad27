"""Who is who in an estate: its own service accounts, what the project stands in, the groups whose members were read."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from scanners.access.gcp.members import Belongs, Society, key_of
from scanners.access.gcp.tree import Tree, number_of
from scanners.model import Node, Unread
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
        _groups(tree),
        holds,
    )


def _groups(tree: Tree) -> dict[str, frozenset[str]]:
    """Members by group; a group that was not read is left out, and then it is not known who is in it."""
    found: dict[str, frozenset[str]] = {}
    for level in tree.chain:
        try:
            for email, members in level.resource.each(MEMBERS) if level.resource else ():
                found[key_of(f"group:{email}")] = frozenset(_keys(members))
        except Unread:
            continue
    return found


def _keys(members: Node) -> Iterator[str]:
    """Source: "Membership" (Cloud Identity API), read 2026-11: a member of type OTHER may be a whole customer."""
    for one in members:
        email, kind = one["preferredMemberKey"].need("id").text(), str(one["type"].value)
        account = email.endswith(".gserviceaccount.com")
        word = {"GROUP": "group", "OTHER": "customer"}.get(kind, "serviceAccount" if account else "user")
        yield key_of(f"{word}:{email}")
