"""What the account's own policies give away: managed ones, and those written into users, groups and roles.

Limits: one policy is judged at a time, with its own Deny statements; what a principal may do in the end, with
boundaries and organisation policies, is the access engine's question.  Policies that AWS manages are not judged.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from scanners.access.aws.statements import Statement, matches, statements
from scanners.checks.registry import Fix, check
from scanners.model import Gap, Node, Resource, Severity, State, Unread, Verdict, failed, passed
from scanners.model.estate import Estate

POLICY = "AWS::IAM::ManagedPolicy"
INLINE = {
    "AWS::IAM::User": "UserPolicyList",
    "AWS::IAM::Group": "GroupPolicyList",
    "AWS::IAM::Role": "RolePolicyList",
}
DETAILS = "GetAccountAuthorizationDetails"
ANYTHING = ("arn:aws:iam::111122223333:role/any", "arn:aws:s3:::any/key")
RAISES_ITSELF = "iam:AttachUserPolicy"  # all but a few actions is all actions while this one is among them
DECRYPTS = ("kms:Decrypt", "kms:ReEncryptFrom")
EVERY_KEY = re.compile(r"arn:[^:]+:kms:[^:]*:[^:]*:(key/)?\*+")
NAMES_KEYS = ("kms:viaservice", "kms:encryptioncontext", "kms:resourcealiases", "kms:requestalias", "aws:resourcetag/")

Offence = Callable[[Statement], Iterable[str]]  # the actions that an Allow should not give, as far as it does


@check(
    "aws.iam.policy_admin",
    on=(POLICY, *INLINE),
    severity=Severity.HIGH,
    title="Customer policy gives full rights",
    reads=(DETAILS,),
    fix=Fix(
        console="IAM > Policies > the policy > Edit: name the actions and resources that are needed (Access Analyzer"
        " can"
        " generate them from CloudTrail), or detach it.",
        cli="aws iam create-policy-version --policy-arn ARN --policy-document file://narrow.json --set-as-default",
        terraform='resource "aws_iam_policy" "this" { policy = data.aws_iam_policy_document.narrow.json }',
    ),
)
def policy_admin(resource: Resource, estate: Estate) -> Iterator[Verdict]:
    """Whoever gets hold of one identity with it, a person's or a workload's, owns the account."""
    yield from judged(resource, _all_actions, "every action on every resource")


@check(
    "aws.iam.kms_decrypt_all",
    on=(POLICY, *INLINE),
    severity=Severity.HIGH,
    title="May decrypt with every key",
    reads=(DETAILS,),
    fix=Fix(
        console="IAM > Policies > the policy > Edit: name the keys under Resource, or add a kms:ViaService condition.",
        cli="aws iam create-policy-version --policy-arn ARN --policy-document file://named-keys.json --set-as-default",
        terraform='data "aws_iam_policy_document" "this" { statement { actions = ["kms:Decrypt"]  resources = '
        "[aws_kms_key.orders.arn] } }",
    ),
)
def kms_decrypt_all(resource: Resource, estate: Estate) -> Iterator[Verdict]:
    """Encryption keeps nothing from an identity that may decrypt all: one leak opens every store."""
    yield from judged(resource, _decrypts_all, "decryption with every key")


def judged(resource: Resource, offence: Offence, what: str, none: str = "") -> Iterator[Verdict]:
    """One verdict for all documents of a resource.  What a document denies itself, it does not give.

    `{}` in `what` stands for the actions found, and for `none` where there are none.
    """
    proof, looked = list[Node](), list[Node]()
    names, actions = set[str](), set[str]()
    for name, document in documents_of(resource):
        looked.append(document)
        for statement in statements(document):
            given = offence(statement) if statement.allows else ()
            if left := {action for action in given if not _denied(document, action)}:
                proof.append(statement.node)
                names.add(name)
                actions |= left
    said = what.format(", ".join(sorted(actions)) or none)
    boundary = _only_a_boundary(resource) if names else None
    if boundary:
        yield passed(f"It allows {said}, but only limits others as their permissions boundary", boundary)
    elif names:
        who = "It" if resource.kind == POLICY else f"Its inline policy {', '.join(sorted(names))}"
        yield failed(f"{who} allows {said}", *proof, severity=_unattached(resource))
    else:
        own = resource[DETAILS][INLINE[resource.kind]] if resource.kind in INLINE else looked[0]
        yield passed(f"No policy of its own allows {said}", own)


def documents_of(resource: Resource) -> Iterator[tuple[str, Node]]:
    """(name, document) of inline policies, or the version of a managed policy that is in force."""
    details = resource[DETAILS]
    if resource.kind in INLINE:
        for policy in details[INLINE[resource.kind]]:
            yield policy.need("PolicyName").text(), policy.need("PolicyDocument")
        return
    for version in details.need("PolicyVersionList"):
        if version["IsDefaultVersion"].value is True:
            yield "", version.need("Document")
            return
    raise Unread(Gap(details.call, "", State.PARSE_ERROR, "no version of the policy is in force", details.region))


def _all_actions(statement: Statement) -> tuple[str, ...]:
    return ("*",) if gives_all(statement) else ()


def gives_all(statement: Statement) -> bool:
    if statement.node["NotAction"].present:
        every_action = statement.may(RAISES_ITSELF)
    else:
        every_action = any(set(action.text()) in ({"*"}, {"*", ":"}) for action in statement.node["Action"])
    return every_action and on_all(statement) and not limited(statement)


def _decrypts_all(statement: Statement) -> tuple[str, ...]:
    all_keys = any(EVERY_KEY.fullmatch(one.text()) for one in statement.node["Resource"])
    names_keys = any(
        key.startswith(NAMES_KEYS) and "not" not in operator and "ifexists" not in operator and not _hollow(values)
        for operator, key, values in statement.conditions()
    )
    if names_keys or not (all_keys or on_all(statement)):
        return ()
    return tuple(action for action in DECRYPTS if statement.may(action))


def on_all(statement: Statement) -> bool:
    """Whether a statement is about every resource; one with NotResource is, but for a few."""
    spared = statement.node["NotResource"]
    if spared.present:
        return not any(_covers_all(one.text()) for one in spared)
    return any(_covers_all(one.text()) for one in statement.node["Resource"])


def _covers_all(pattern: str) -> bool:
    return all(matches(pattern, arn) for arn in ANYTHING)


def limited(statement: Statement) -> bool:
    """Whether a condition limits it; that the road is encrypted, or a bare wildcard, limits nothing."""
    return any(
        key != "aws:securetransport" and not ("like" in operator and "not" not in operator and _hollow(values))
        for operator, key, values in statement.conditions()
    )


def _hollow(values: Node) -> bool:
    return any(value.value in ("*", "alias/*") for value in values)


def _denied(document: Node, action: str) -> bool:
    """Whether the document itself denies the action on everything, on no condition."""
    return any(
        s.denies and s.may(action) and on_all(s) and not list(s.conditions()) and not s.node["NotResource"].present
        for s in statements(document)
    )


def _only_a_boundary(resource: Resource) -> Node | None:
    if resource.kind != POLICY or resource[DETAILS]["AttachmentCount"].value:
        return None
    used = resource[DETAILS]["PermissionsBoundaryUsageCount"]
    return used if used.value else None


def _unattached(resource: Resource) -> Severity | None:
    """Less grave: nobody has the policy yet."""
    return Severity.MEDIUM if resource.kind == POLICY and resource[DETAILS]["AttachmentCount"].value == 0 else None
