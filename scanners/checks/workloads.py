"""What runs in Google Cloud runs as a service account: whether it has its own, and what that one may do.

Limits: roles that the account gets through a group are not seen; the sentence of a pass says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from scanners.access.gcp import (
    BASIC,
    CUSTOM,
    FOLDER,
    ORGANIZATION,
    POLICY,
    PREDEFINED,
    PROJECT,
    RESOURCE,
    Grant,
    denied,
    grants,
    inherited,
    permissions,
)
from scanners.model import Gap, Node, Severity, Unread, Verdict, failed, passed
from scanners.model.estate import Estate

ACCOUNT = "iam.googleapis.com/ServiceAccount"
DEFAULT = re.compile(r"\d+-compute@developer\.gserviceaccount\.com|[a-z0-9.:-]+@appspot\.gserviceaccount\.com")
BECOMES = frozenset(  # another account
    f"iam.serviceAccounts.{verb}" for verb in ("actAs", "getAccessToken", "implicitDelegation", "signBlob", "signJwt")
)
STRONG = BECOMES | {
    "iam.roles.update",
    "iam.serviceAccountKeys.create",
    "iam.serviceAccounts.setIamPolicy",
    "resourcemanager.folders.setIamPolicy",
    "resourcemanager.organizations.setIamPolicy",
    "resourcemanager.projects.setIamPolicy",
}
JOINS = (
    (PROJECT, POLICY),
    (FOLDER, POLICY),
    (ORGANIZATION, POLICY),
    (PREDEFINED, RESOURCE),
    (CUSTOM, RESOURCE),
    (ACCOUNT, POLICY),
)


def account_of_its_own(email: Node, estate: Estate) -> Iterator[Verdict]:
    """Graver where the default account may edit the project, as Google bound it in older ones."""
    if email.value and not DEFAULT.fullmatch(email.text()):
        yield passed("It runs as an account of its own", email)
        return
    name = email.value or "the Compute Engine default account"
    if grant := _editor(str(email.value or ""), estate):
        sentence = f"It runs as {name}, which holds {grant.role}"
        yield failed(sentence, email, grant.member, grant.binding, severity=Severity.CRITICAL)
    else:
        yield failed(f"It runs as {name}", email)


def _editor(email: str, estate: Estate) -> Grant | None:
    """The grant only weighs the finding: where it cannot be read, the check's own severity stands."""
    try:
        for grant in inherited(estate):
            default = grant.who.endswith("-compute@developer.gserviceaccount.com") and not email
            if grant.role in BASIC[:2] and (default or grant.who == f"serviceAccount:{email}"):
                return grant
    except Unread:
        return None
    return None


def too_strong(email: Node, estate: Estate) -> Iterator[Verdict]:
    """A failure for every role that makes the account a key to the project, or to other accounts."""
    if not email.value:
        yield failed("It runs as the Compute Engine default account; who shares that one decides what it may do", email,
                     severity=Severity.HIGH)  # fmt: skip
        return
    member, gaps = f"serviceAccount:{email.text()}", list[Gap]()
    for grants_of in (_on_the_project(member, estate), _on_others(member, estate)):
        try:
            for grant, held in grants_of:
                first = sorted(held)[0]
                if not all(denied(member, permission, estate) for permission in held):
                    sentence = f"Its account holds {grant.role} on {grant.level}, and with it {first}{grant.words}"
                    yield failed(sentence, email, grant.member, grant.binding)
        except Unread as unread:
            gaps.extend(unread.gaps)
    if gaps:
        raise Unread(*gaps)
    yield passed("No role bound to its account makes it that strong; groups are not looked into", email)


Held = Iterator[tuple[Grant, frozenset[str]]]


def _on_the_project(member: str, estate: Estate) -> Held:
    for grant in inherited(estate):
        if grant.who == member and (held := permissions(grant.role, estate) & STRONG):
            yield grant, held


def _on_others(member: str, estate: Estate) -> Held:
    """Single accounts that it can become."""
    for other in estate.all(ACCOUNT):
        if f"serviceAccount:{other.name}" != member:
            for grant in grants(other[POLICY], other.name):
                if grant.who == member and (held := permissions(grant.role, estate) & BECOMES):
                    yield grant, held
