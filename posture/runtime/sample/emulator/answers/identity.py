"""IAM, STS and identity pools: authorisation details in pages, the root user in the reports, ExternalIds, guests."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from moto.cognitoidentity.models import cognitoidentity_backends
from moto.iam.exceptions import NotFoundException
from moto.iam.models import IAMBackend, Role, User, iam_backends

from posture.runtime.sample.emulator import clock
from posture.runtime.sample.emulator.answers.kinds import Answer, MotoSays
from posture.runtime.sample.emulator.answers.paging import Paged, opened, sealed
from posture.runtime.sample.emulator.root import ROOT
from posture.runtime.sample.emulator.wire import Call, Refused

DETAILS = {
    "User": "UserDetailList",
    "Group": "GroupDetailList",
    "Role": "RoleDetailList",
    "LocalManagedPolicy": "Policies",
    "AWSManagedPolicy": "Policies",
}


def backend(call: Call) -> IAMBackend:
    return iam_backends[call.account]["aws"]


def authorization_details(call: Call, moto_says: MotoSays) -> dict[str, Any]:
    """Users, groups, roles, then policies; of AWS's own policies only those attached to something."""
    full = moto_says()
    wanted = call.params.get("Filter") or list(DETAILS)
    for role in full.get("RoleDetailList", []):
        role["RoleLastUsed"] = role_last_used(role["RoleName"])
    for policy in full.get("Policies", []):
        policy.setdefault("PolicyName", policy["Arn"].rpartition("/")[2])
    full["Policies"] = [p for p in full.get("Policies", []) if is_wanted(p, wanted)]
    rows = [(name, item) for name in dict.fromkeys(DETAILS.values()) for item in full.get(name, [])]
    start = opened(call.params.get("Marker"), "InvalidInput")
    end = start + int(call.params.get("MaxItems") or 100)
    page: dict[str, Any] = {name: [] for name in DETAILS.values()}
    for name, item in rows[start:end]:
        page[name].append(item)
    page["IsTruncated"] = end < len(rows)
    if page["IsTruncated"]:
        page["Marker"] = sealed(end)
    return page


NEVER_USED, LONG_UNUSED = {"github-no-subject", "family-readers"}, {"gateway-logs": 200, "parcel-partner": 130}
IDLE = {"search-reindex-role": {"secretsmanager"}}  # role → services that it may use and does not
IDLE_ACTIONS = {"checkout-api-role": {"UnassignPrivateIpAddresses"}}
TRACKED = {"ec2", "lambda"}  # services whose actions are told apart
MANY = 5  # services; who may use more uses the first three of them
OF_EVERYTHING = ("dynamodb", "ec2", "iam", "kms", "lambda", "logs", "organizations", "rds", "s3", "sqs", "sts")


def founded() -> datetime:
    """The day the account's past is counted back from."""
    return datetime.fromisoformat(ROOT["delivered"]) if ROOT["delivered"] else clock.now(UTC)


def role_last_used(name: str) -> dict[str, Any]:
    if name in NEVER_USED:
        return {}
    return {"LastUsedDate": founded() - timedelta(days=LONG_UNUSED.get(name, 1)), "Region": "eu-west-1"}


def order_report(call: Call, _: MotoSays) -> dict[str, Any]:
    role = known_role(call, str(call.params["Arn"]))
    return {"JobId": str(uuid5(NAMESPACE_URL, role.arn))}


def report(call: Call, _: MotoSays) -> dict[str, Any]:
    """What the policies of a role name, as used or idle as the tables above say."""
    for role in backend(call).roles.values():
        if str(uuid5(NAMESPACE_URL, role.arn)) == call.params["JobId"]:
            times = {"JobCreationDate": clock.now(UTC), "JobCompletionDate": clock.now(UTC)}
            said = {"JobStatus": "COMPLETED", "JobType": "ACTION_LEVEL", "IsTruncated": False, **times}
            return {**said, "ServicesLastAccessed": list(services_of(role))}
    raise Refused("NoSuchEntity", f"The job {call.params['JobId']} was not found.", 404)


def known_role(call: Call, arn: str) -> Role:
    for role in backend(call).roles.values():
        if role.arn == arn:
            return role
    raise Refused("NoSuchEntity", f"The entity {arn} was not found.", 404)


def services_of(role: Role) -> Iterator[dict[str, Any]]:
    granted: dict[str, set[str]] = {}
    for action in actions_of(role):
        service, _, name = action.partition(":")
        for one in OF_EVERYTHING if service == "*" else (service.lower(),):
            granted.setdefault(one, set()).update({name} if name.isalpha() else ())
    used = sorted(granted)[:3] if len(granted) > MANY else sorted(granted)
    for service, names in sorted(granted.items()):
        row: dict[str, Any] = {"ServiceName": service, "ServiceNamespace": service, "TotalAuthenticatedEntities": 0}
        if service in used and service not in IDLE.get(role.name, ()):
            lately = {"LastAuthenticated": founded() - timedelta(days=1), "LastAuthenticatedEntity": role.arn}
            row |= {**lately, "LastAuthenticatedRegion": "eu-west-1", "TotalAuthenticatedEntities": 1}
            if service in TRACKED:
                row["TrackedActionsLastAccessed"] = [tracked(role, name) for name in sorted(names)]
        yield row


def tracked(role: Role, action: str) -> dict[str, Any]:
    idle = action in IDLE_ACTIONS.get(role.name, ())
    return {"ActionName": action} | ({} if idle else {"LastAccessedTime": founded() - timedelta(days=2)})


def actions_of(role: Role) -> Iterator[str]:
    attached = [one.document for policy in role.managed_policies.values() for one in policy.versions if one.is_default]
    documents = [*attached, *role.policies.values()]
    for document in documents:
        read = json.loads(document)
        for statement in as_list(read["Statement"]):
            if statement["Effect"] == "Allow":
                yield from as_list(statement.get("Action", "*"))


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def is_wanted(policy: dict[str, Any], wanted: list[str]) -> bool:
    if ":iam::aws:" not in policy["Arn"]:
        return "LocalManagedPolicy" in wanted
    return "AWSManagedPolicy" in wanted and bool(policy.get("AttachmentCount"))


def account_summary(call: Call, moto_says: MotoSays) -> dict[str, Any]:
    summary = moto_says()
    summary["SummaryMap"] |= {
        "AccountMFAEnabled": int(ROOT["mfa"]),
        "AccountAccessKeysPresent": int(bool(ROOT["keys"])),
        "AccountPasswordPresent": 1,
    }
    return summary


REPORT = [
    "user",
    "arn",
    "user_creation_time",
    "password_enabled",
    "password_last_used",
    "password_last_changed",
    "password_next_rotation",
    "mfa_active",
    "access_key_1_active",
    "access_key_1_last_rotated",
    "access_key_1_last_used_date",
    "access_key_1_last_used_region",
    "access_key_1_last_used_service",
    "access_key_2_active",
    "access_key_2_last_rotated",
    "access_key_2_last_used_date",
    "access_key_2_last_used_region",
    "access_key_2_last_used_service",
    "cert_1_active",
    "cert_1_last_rotated",
    "cert_2_active",
    "cert_2_last_rotated",
]


def credential_report(call: Call, moto_says: MotoSays) -> dict[str, Any]:
    report = moto_says()
    sheet = io.StringIO()
    lines = csv.writer(sheet, lineterminator="\n")
    lines.writerow(REPORT)
    lines.writerow(root_line(call.account))
    for user in backend(call).users.values():
        lines.writerow(user_line(user))
    report["Content"] = sheet.getvalue().encode()
    return report


def root_line(account: str) -> list[str]:
    keys = [
        ["true", key["rotated"], key.get("used") or "N/A", key.get("region") or "N/A", key.get("service") or "N/A"]
        for key in ROOT["keys"]
    ]
    head = [
        "<root_account>",
        f"arn:aws:iam::{account}:root",
        ROOT["created"],
        "not_supported",
        ROOT["password_used"] or "no_information",
    ]
    return [*head, "not_supported", "not_supported", said(ROOT["mfa"]), *two(keys), *NO_CERTIFICATES]


def user_line(user: User) -> list[str]:
    keys = [
        [said(key.status == "Active"), stamp(key.create_date)]
        + (
            [stamp(key.last_used.timestamp), key.last_used.region, key.last_used.service]
            if key.last_used
            else ["N/A"] * 3
        )
        for key in user.access_keys
    ]
    created = stamp(user.create_date)
    if user.password:
        password = ["true", ROOT["passwords_used"].get(user.name, "no_information"), created, "N/A"]
    else:
        password = ["false", "N/A", "N/A", "N/A"]
    return [user.name, user.arn, created, *password, said(bool(user.mfa_devices)), *two(keys), *NO_CERTIFICATES]


NO_KEY = ["false", "N/A", "N/A", "N/A", "N/A"]
NO_CERTIFICATES = ["false", "N/A", "false", "N/A"]


def two(keys: list[list[str]]) -> list[str]:
    first, second = [*keys, NO_KEY, NO_KEY][:2]
    return [*first, *second]


def said(claim: bool) -> str:
    return "true" if claim else "false"


def stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S+00:00")


def mfa_devices(call: Call, moto_says: MotoSays) -> dict[str, Any]:
    """The seed of a device is shown once, when it is made."""
    answer = moto_says()
    for device in answer.get("VirtualMFADevices", []):
        device.pop("Base32StringSeed", None)
        device.pop("QRCodePNG", None)
    return answer


def caller_identity(call: Call, moto_says: MotoSays) -> dict[str, Any]:
    """moto calls whoever it does not know `moto`, with an example's key."""
    answer = moto_says()
    if answer["Arn"].endswith(":user/moto"):
        answer |= {"UserId": "AIDASAMPLEAUDITOR42424", "Arn": f"arn:aws:iam::{call.account}:user/sample-auditor"}
    return answer


POOL_ROLES: dict[tuple[str, str, str], dict[str, Any]] = {}
"""(account, region, id of an identity pool) → the roles that it hands out, which moto does not keep."""


def set_pool_roles(call: Call, _: MotoSays) -> dict[str, Any]:
    known_pool(call)
    POOL_ROLES[call.account, call.region, call.params["IdentityPoolId"]] = call.params["Roles"]
    return {}


def pool_roles(call: Call, _: MotoSays) -> dict[str, Any]:
    number = known_pool(call)
    roles = POOL_ROLES.get((call.account, call.region, number))
    return {"IdentityPoolId": number} | ({"Roles": roles} if roles else {})


def known_pool(call: Call) -> str:
    number = str(call.params["IdentityPoolId"])
    if number not in cognitoidentity_backends[call.account][call.region].identity_pools:
        raise Refused("ResourceNotFoundException", f"IdentityPool '{number}' not found.")
    return number


def assume_role(call: Call, moto_says: MotoSays) -> dict[str, Any]:
    """The role must exist, and its trust policy's sts:ExternalId must be met. Other conditions are not weighed here."""
    arn = call.params.get("RoleArn", "")
    denied = Refused("AccessDenied", f"User is not authorized to perform: sts:AssumeRole on resource: {arn}", 403)
    try:
        role = iam_backends[arn.split(":")[4]]["aws"].get_role_by_arn(arn)
    except (NotFoundException, IndexError):
        raise denied from None
    statements = json.loads(role.assume_role_policy_document)["Statement"]
    for statement in statements if isinstance(statements, list) else [statements]:
        if statement["Effect"] == "Allow" and lets_in(statement, call.params.get("ExternalId")):
            return moto_says()
    raise denied


def lets_in(statement: dict[str, Any], external_id: str | None) -> bool:
    if "AWS" not in statement.get("Principal", {}) and statement.get("Principal") != "*":
        return False
    for operator, tests in statement.get("Condition", {}).items():
        for key, values in tests.items():
            if key.lower() == "sts:externalid" and operator.startswith("String"):
                wanted = values if isinstance(values, list) else [values]
                if external_id not in wanted:
                    return False
    return True


ANSWERS: dict[tuple[str, str], Answer] = {
    ("cognito-identity", "GetIdentityPoolRoles"): pool_roles,
    ("cognito-identity", "ListIdentityPools"): Paged("IdentityPools", "MaxResults", "NextToken", "NextToken"),
    ("cognito-identity", "SetIdentityPoolRoles"): set_pool_roles,
    ("iam", "GetAccountAuthorizationDetails"): authorization_details,
    ("iam", "GenerateServiceLastAccessedDetails"): order_report,
    ("iam", "GetServiceLastAccessedDetails"): report,
    ("iam", "GetAccountSummary"): account_summary,
    ("iam", "GetCredentialReport"): credential_report,
    ("iam", "ListVirtualMFADevices"): mfa_devices,
    ("sts", "GetCallerIdentity"): caller_identity,
    ("sts", "AssumeRole"): assume_role,
}
