"""The scanner's own permissions as policy documents: least privilege, derived from the calls it declares."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from scanners.scan import permissions

MOST_CHARACTERS = 6_144  # of a managed policy, white space not counted (IAM quotas, 2025)
ROLE_NAME = "posture-reads"
Document = dict[str, Any]


def statement(actions: Iterable[str], sid: str = "PostureReads") -> Document:
    """What allows these actions, to paste into a policy that exists."""
    return {"Sid": sid, "Effect": "Allow", "Action": sorted(actions), "Resource": "*"}


def document(actions: Iterable[str]) -> Document:
    return {"Version": "2012-10-17", "Statement": [statement(actions)]}


def documents(actions: Iterable[str] | None = None, most: int = MOST_CHARACTERS) -> list[Document]:
    """All that the collectors may ask, in as many managed policies as the quota makes necessary."""
    return [document(some) for some in _parts(sorted(permissions() if actions is None else actions), most)]


def _parts(actions: list[str], most: int) -> Iterator[list[str]]:
    part: list[str] = []
    for action in actions:
        if part and size(document([*part, action])) > most:
            yield part
            part = []
        part.append(action)
    yield part


def size(policy: Document) -> int:
    """Characters as IAM counts them: without white space."""
    return len(_tight(policy))


def trust(principal: str, external_id: str) -> Document:
    """Lets one identity assume the role, and only when it names the ExternalId."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": principal},
                "Action": "sts:AssumeRole",
                "Condition": {"StringEquals": {"sts:ExternalId": external_id}},
            }
        ],
    }


def principal(arn: str) -> str:
    """Whom a trust policy names for this caller: a session passes, so its account stands for it."""
    _, partition, service, _, account, _ = arn.split(":", 5)
    return f"arn:{partition}:iam::{account}:root" if service == "sts" else arn


def cloudformation(trusted: str, external_id: str) -> Document:
    """A template that makes the role with all it needs."""
    policies = {f"Policy{n}": policy for n, policy in enumerate(documents(), 1)}
    made: Document = {
        name: {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": policy}}
        for name, policy in policies.items()
    }
    role = {
        "RoleName": ROLE_NAME,
        "AssumeRolePolicyDocument": trust(trusted, external_id),
        "ManagedPolicyArns": [{"Ref": name} for name in policies],
    }
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "A role for posture: it reads settings, never data, and needs the ExternalId.",
        "Resources": {"Role": {"Type": "AWS::IAM::Role", "Properties": role}, **made},
        "Outputs": {"RoleArn": {"Value": {"Fn::GetAtt": ["Role", "Arn"]}}},
    }


def commands(trusted: str, external_id: str) -> str:
    """The same by hand, with the AWS CLI and credentials of the account to be scanned."""
    trusting = _tight(trust(trusted, external_id))
    lines = [f"aws iam create-role --role-name {ROLE_NAME} --assume-role-policy-document '{trusting}'"]
    for n, policy in enumerate(documents(), 1):
        name = f"{ROLE_NAME}-{n}"
        lines += [
            f"aws iam create-policy --policy-name {name} --policy-document '{_tight(policy)}' --query Policy.Arn \\",
            f"  --output text | xargs aws iam attach-role-policy --role-name {ROLE_NAME} --policy-arn",
        ]
    return "\n".join([*lines, f"aws iam get-role --role-name {ROLE_NAME} --query Role.Arn --output text"])


def _tight(policy: Document) -> str:
    return json.dumps(policy, separators=(",", ":"))
