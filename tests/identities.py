"""Accounts of people, roles and queues for tests of access: built as collectors keep them, published as scans are."""

from __future__ import annotations

from datetime import datetime

from posture.models import Account, Scan
from posture.queries import estates
from scanners.graph.stored import DETAILS
from scanners.model import Resource
from tests.core.cases import resource
from tests.publishing import publish, saw

ACCOUNT = "111122223333"
ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"


def policy(*statements: dict[str, object]) -> dict[str, object]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(action: object, on: object = "*", **more: object) -> dict[str, object]:
    return {"Effect": "Allow", "Action": action, "Resource": on, **more}


def deny(action: object, on: object = "*", **more: object) -> dict[str, object]:
    return {**allow(action, on, **more), "Effect": "Deny"}


def arn(kind: str, name: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:{kind}/{name}"


def a_user(name: str, *statements: dict[str, object], attached: tuple[str, ...] = (), bounds: str = "") -> Resource:
    details = {
        "UserName": name,
        "UserPolicyList": [{"PolicyName": "own", "PolicyDocument": policy(*statements)}] if statements else [],
        "AttachedManagedPolicies": [{"PolicyName": "x", "PolicyArn": one} for one in attached],
        "GroupList": [],
    }
    if bounds:
        details["PermissionsBoundary"] = {"PermissionsBoundaryArn": bounds}
    return resource("AWS::IAM::User", arn("user", name), region="global", **{DETAILS: details})


def a_role(
    name: str, trust: dict[str, object], *statements: dict[str, object], attached: tuple[str, ...] = ()
) -> Resource:
    details = {
        "RoleName": name,
        "AssumeRolePolicyDocument": policy({"Effect": "Allow", "Principal": trust, "Action": "sts:AssumeRole"}),
        "RolePolicyList": [{"PolicyName": "own", "PolicyDocument": policy(*statements)}] if statements else [],
        "AttachedManagedPolicies": [{"PolicyName": "x", "PolicyArn": one} for one in attached],
        "InstanceProfileList": [],
    }
    return resource("AWS::IAM::Role", arn("role", name), region="global", **{DETAILS: details})


def a_policy(name: str, *statements: dict[str, object]) -> Resource:
    versions = [{"VersionId": "v1", "Document": policy(*statements)}]
    details = {"DefaultVersionId": "v1", "PolicyVersionList": versions}
    return resource("AWS::IAM::ManagedPolicy", arn("policy", name), region="global", **{DETAILS: details})


def a_queue(name: str, *statements: dict[str, object]) -> Resource:
    ref = f"arn:aws:sqs:eu-west-1:{ACCOUNT}:{name}"
    said = {"Policy": policy(*statements)} if statements else {}
    listed = {"QueueUrl": f"https://sqs/{name}"}
    return resource("AWS::SQS::Queue", ref, ListQueues=listed, GetQueueAttributes=said)


def the_account() -> Resource:
    return resource("AWS::Account", ROOT, region="global", GetAccountSummary={"AccountMFAEnabled": 1})


def scanned(
    account: Account, *resources: Resource, at: datetime, refused: tuple[str, ...] = (), alone: bool = True
) -> Scan:
    """One scan of IAM, the organisation (there is none, unless `alone` is False: nobody looked), SQS and S3."""
    queues = [one for one in resources if one.kind == "AWS::SQS::Queue"]
    people = [one for one in resources if one not in queues]
    units = [
        saw("global", "iam", the_account(), *people, refused=refused),
        saw("eu-west-1", "sqs", *queues, refused=refused),
        saw("global", "s3", refused=refused),
    ]
    if alone:
        units.append(saw("global", "organizations", refused=refused))
    estates.forget()
    return publish(account, *units, at=at)
