"""The account model from what a scan stored, so that checks and pages ask the same engine as `access paths --cases`.

What was not read is carried along: a kind whose list has gaps stands in `Account.unread`, and an answer that needs it
is unknown.  Policies of the organisation that were not read can only take paths away: they stand in `caveats`.
Access keys and passwords are told by the credential report, which may be four hours older than the scan; without it
nothing is known of them, and a path through them is one that may be there.
Limits: of ECS tasks those of services are seen, each by its family's latest definition; tasks started by hand are not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any, TypeVar

from scanners.graph.account import Account, Entity, Inline, ManagedPolicy, Thing
from scanners.graph.cases import tags
from scanners.graph.guardrails import GuardRails, guard_rails
from scanners.model import Gap, Node, Resource, Unread
from scanners.model.estate import Estate

Made = TypeVar("Made")
DETAILS = "GetAccountAuthorizationDetails"
# Kind of the estate → the kind that rules speak of, and where the role stands: section, field.
THINGS: Mapping[str, tuple[str, str, str]] = {
    "AWS::Lambda::Function": ("lambda:function", "ListFunctions", "Role"),
    "AWS::EC2::Instance": ("ec2:instance", "DescribeInstances", "IamInstanceProfile/Arn"),
    "AWS::StepFunctions::StateMachine": ("states:statemachine", "DescribeStateMachine", "roleArn"),
    "AWS::CodeBuild::Project": ("codebuild:project", "BatchGetProjects", "serviceRole"),
    "AWS::CloudFormation::Stack": ("cloudformation:stack", "DescribeStacks", "RoleARN"),
}
_TASK = "ecs:task"
# Kinds that rules speak of and that are not collected yet: nobody knows whether there are any.
_NOT_COLLECTED = (
    "apprunner:service", "bedrock-agentcore:code-interpreter", "bedrock-agentcore:runtime", "cloudformation:stackset",
    "ec2:launch-template", "glue:devendpoint", "glue:job", "sagemaker:notebook-instance",
)  # fmt: skip
_IAM = {
    "AWS::IAM::User": "iam:user", "AWS::IAM::Role": "iam:role", "AWS::IAM::Group": "iam:group",
    "AWS::IAM::ManagedPolicy": "iam:policy",
}  # fmt: skip


def account_of(estate: Estate, *, things: bool = True) -> Account:
    """The model of an account as of a scan; without `things` who is in it and what they hold, which costs less."""
    unread: dict[str, str] = dict.fromkeys(_NOT_COLLECTED, "it is not collected")
    rows = {kind: list(_seen(estate, kind, _IAM[kind], unread)) for kind in _IAM}
    running = list(_things(estate, unread)) if things else []
    report, rails = _report(estate), guard_rails(estate)
    entities = [
        *_read(rows["AWS::IAM::User"], partial(_user, report), unread),
        *_read(rows["AWS::IAM::Role"], _role, unread),
        *_read(rows["AWS::IAM::Group"], _group, unread),
    ]
    return Account(
        id=estate.account,
        partition=_partition(entities),
        entities=tuple(entities),
        policies=tuple(_read(rows["AWS::IAM::ManagedPolicy"], _policy, unread)),
        things=tuple(running),
        scps=tuple(tuple(written.document for written in level) for level in rails.scps),
        management=rails.management,
        now=estate.now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        unread=unread,
        caveats=_caveats(rails),
    )


def _caveats(rails: GuardRails) -> tuple[str, ...]:
    return tuple(f"policies of the organisation may forbid a step: {because}" for because in rails.unread)


def _partition(entities: Iterable[Entity]) -> str:
    return next((one.arn.split(":", 2)[1] for one in entities), "aws")


def _seen(estate: Estate, kind: str, name: str, unread: dict[str, str]) -> Iterator[Resource]:
    """What was seen of a kind; if not all of it could be, that is written down."""
    try:
        yield from estate.all(kind)
    except Unread as gaps:
        unread[name] = _because(gaps.gaps)


def _because(gaps: Iterable[Gap]) -> str:
    return "; ".join(f"{gap.call} was not read ({gap.code})" for gap in gaps)


def _read(rows: list[Resource], make: Callable[[Resource, Node], Made], unread: dict[str, str]) -> Iterator[Made]:
    for row in rows:
        try:
            yield make(row, row[DETAILS])
        except Unread as gaps:
            unread[_IAM[row.kind]] = _because(gaps.gaps)


def _report(estate: Estate) -> Mapping[str, Mapping[str, str]]:
    """The credential report by user name; empty where it was not read, and then nothing is known."""
    try:
        for account in estate.all("AWS::Account"):
            rows: Any = account["GetCredentialReport"].value
            return rows if isinstance(rows, dict) else {}
    except Unread:
        pass
    return {}


def _keys(row: Mapping[str, str] | None) -> int | None:
    """How many access keys a user has, disabled ones among them: they take up a place."""
    if row is None:
        return None
    return sum(row[f"access_key_{n}_last_rotated"][:1].isdigit() for n in (1, 2))


def _user(report: Mapping[str, Mapping[str, str]], row: Resource, node: Node) -> Entity:
    said = report.get(node.need("UserName").text())
    return Entity(
        kind="user",
        arn=row.ref,
        name=node.need("UserName").text(),
        access_keys=_keys(said),
        login_profile=None if said is None else said["password_enabled"] == "true",  # noqa: S105  (a column)
        inline=_inline(node["UserPolicyList"]),
        attached=_attached(node),
        boundary=_boundary(node),
        groups=tuple(one.text() for one in node["GroupList"]),
        tags=tags(node["Tags"].value or []),
    )


def _role(row: Resource, node: Node) -> Entity:
    return Entity(
        kind="role",
        arn=row.ref,
        name=node.need("RoleName").text(),
        inline=_inline(node["RolePolicyList"]),
        attached=_attached(node),
        boundary=_boundary(node),
        trust=node.need("AssumeRolePolicyDocument").value,
        instance_profiles=tuple(one.need("Arn").text() for one in node["InstanceProfileList"]),
        tags=tags(node["Tags"].value or []),
    )


def _group(row: Resource, node: Node) -> Entity:
    return Entity(
        kind="group",
        arn=row.ref,
        name=node.need("GroupName").text(),
        inline=_inline(node["GroupPolicyList"]),
        attached=_attached(node),
    )


def _policy(row: Resource, node: Node) -> ManagedPolicy:
    versions = {one.need("VersionId").text(): one.need("Document").value for one in node.need("PolicyVersionList")}
    return ManagedPolicy(row.ref, node.need("DefaultVersionId").text(), versions)


def _inline(rows: Node) -> tuple[Inline, ...]:
    return tuple(Inline(one.need("PolicyName").text(), one.need("PolicyDocument").value) for one in rows)


def _attached(node: Node) -> tuple[str, ...]:
    return tuple(one.need("PolicyArn").text() for one in node["AttachedManagedPolicies"])


def _boundary(node: Node) -> str | None:
    bounds: Any = node["PermissionsBoundary"]["PermissionsBoundaryArn"].value
    return bounds if isinstance(bounds, str) else None


def _things(estate: Estate, unread: dict[str, str]) -> Iterator[Thing]:
    for kind, where in THINGS.items():
        for resource in _seen(estate, kind, where[0], unread):
            if thing := _thing(resource, *where, unread):
                yield thing
    yield from _tasks(estate, unread)


def _tasks(estate: Estate, unread: dict[str, str]) -> Iterator[Thing]:
    """The tasks of services, each called after its service."""
    unread[_TASK] = "tasks that no service runs are not collected"
    roles: dict[str, Any] = {}
    for family in _seen(estate, "AWS::ECS::TaskDefinition", _TASK, unread):
        try:
            said = family["DescribeTaskDefinition"]
            roles[said.need("family").text()] = said["taskRoleArn"].value
        except Unread as gaps:
            unread[_TASK] = _because(gaps.gaps)
    for cluster in _seen(estate, "AWS::ECS::Cluster", _TASK, unread):
        try:
            for _, services in cluster.each("DescribeServices"):
                for one in services:
                    yield from _task(one, roles)
        except Unread as gaps:
            unread[_TASK] = _because(gaps.gaps)


def _task(service: Node, roles: Mapping[str, Any]) -> Iterator[Thing]:
    family = str(service["taskDefinition"].value or "").rpartition("/")[2].rpartition(":")[0]
    role = roles.get(family)
    if isinstance(role, str):
        arn = service.need("serviceArn").text().replace(":service/", ":task/", 1)
        yield Thing(_TASK, arn, roles=(role,), state={"execute_command": service["enableExecuteCommand"].value is True})


def _thing(row: Resource, kind: str, section: str, field: str, unread: dict[str, str]) -> Thing | None:
    try:
        node = row[section]
        for step in field.split("/"):
            node = node[step]
        role = node.value
    except Unread as gaps:
        unread[kind] = _because(gaps.gaps)
        return None
    if not isinstance(role, str):
        return None
    if ":instance-profile/" in role:
        return Thing(kind, row.ref, profiles=(role,))
    return Thing(kind, row.ref, roles=(role,))
