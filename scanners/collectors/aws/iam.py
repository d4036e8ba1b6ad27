"""IAM: users, groups, roles and policies with all their documents from one call, and who vouches for outsiders.

Which services a role has used is told by a report of its own, at least two calls a role: it is ordered for roles that
hold something and were used within the days that AWS remembers (400), since of the others there is nothing to report.
AWS's own managed policies are not asked for: no check reads them yet.  The access engine will: add "AWSManagedPolicy"
to the filter then (AWS sends the attached ones only).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scanners.collectors.cloud import Call, Collector, Detail, Job, ParseError
from scanners.collectors.door import Door
from scanners.collectors.parse import policy_document
from scanners.model import Identity, Place, Resource
from scanners.model.canonical import clean

DETAILS = {"MaxItems": 1000, "Filter": ["User", "Role", "Group", "LocalManagedPolicy"]}  # equal for all: asked once
INSIDE = {  # list → the field in it that holds a document
    "UserPolicyList": "PolicyDocument",
    "GroupPolicyList": "PolicyDocument",
    "RolePolicyList": "PolicyDocument",
    "PolicyVersionList": "Document",
}
LISTS = {
    "AWS::IAM::User": "UserDetailList",
    "AWS::IAM::Group": "GroupDetailList",
    "AWS::IAM::Role": "RoleDetailList",
    "AWS::IAM::ManagedPolicy": "Policies",
}

OIDC = Call("iam", "ListOpenIDConnectProviders", items="OpenIDConnectProviderList")
OIDC_PROVIDER = Call(
    "iam", "GetOpenIDConnectProvider", absent=frozenset({"NoSuchEntity"}), drop=frozenset({"CreateDate"})
)
SAML = Call("iam", "ListSAMLProviders", items="SAMLProviderList")


def by_arn(place: Place, item: Mapping[str, Any]) -> Identity:
    """Named by the end of the ARN, which every kind has; policies of some emulators bring no name."""
    arn = item["Arn"]
    return Identity(arn, arn.partition("/")[2] if ":oidc-provider/" in arn else arn.rpartition("/")[2])


def with_documents(item: Mapping[str, Any], door: Door) -> dict[str, Any]:
    kept = dict(item)
    for field, inner in INSIDE.items():
        if field in item:
            kept[field] = [{**part, inner: policy_document(part[inner])} for part in item[field]]
    if "AssumeRolePolicyDocument" in item:
        kept["AssumeRolePolicyDocument"] = policy_document(item["AssumeRolePolicyDocument"])
    if "RoleLastUsed" in item:
        kept["RoleLastUsed"] = _day(item["RoleLastUsed"] or {}, "LastUsedDate")
    if "InstanceProfileList" in item:  # each repeats the role
        kept["InstanceProfileList"] = [{"Arn": profile["Arn"]} for profile in item["InstanceProfileList"]]
    return kept


def provider(resource: Resource) -> dict[str, str]:
    return {"OpenIDConnectProviderArn": resource.ref}


def if_it_was_used(role: Resource) -> dict[str, str] | None:
    """Of a role that was never used, that holds nothing, or that AWS wrote for a service, no report is ordered."""
    said = role["GetAccountAuthorizationDetails"]
    holds = said["RolePolicyList"].value or said["AttachedManagedPolicies"].value
    if not holds or not said["RoleLastUsed"]["LastUsedDate"].present or "/aws-service-role/" in role.ref:
        return None
    return {"Arn": role.ref}


def last_accessed(answer: Mapping[str, Any], door: Door) -> dict[str, Any]:
    """By service the day of its last use; of a service that was used, also by action, where AWS tells."""
    if answer["JobStatus"] != "COMPLETED" or answer.get("IsTruncated"):
        raise ParseError(f"the report is not whole: {answer['JobStatus']}")
    return {"ServicesLastAccessed": [_service(one) for one in answer["ServicesLastAccessed"]]}


def _service(row: Mapping[str, Any]) -> dict[str, Any]:
    kept = {"ServiceNamespace": row["ServiceNamespace"]}
    if (used := row.get("LastAuthenticated")) is None:
        return kept
    actions = row.get("TrackedActionsLastAccessed") or ()
    tracked = [{"ActionName": one["ActionName"], **_day(one, "LastAccessedTime")} for one in actions]
    return {**kept, "LastAuthenticated": to_the_day(used), "TrackedActionsLastAccessed": tracked}


def _day(row: Mapping[str, Any], field: str) -> dict[str, str]:
    return {field: to_the_day(row[field])} if row.get(field) is not None else {}


def to_the_day(moment: Any) -> str:
    """The minute would make every scan a change."""
    return str(clean(moment)).partition("T")[0]


LAST_ACCESSED = Detail(
    Call("iam", "GetServiceLastAccessedDetails", params={"MaxItems": 1000}, absent=frozenset({"NoSuchEntity"})),
    bind=if_it_was_used,
    job=Job(
        Call(
            "iam",
            "GenerateServiceLastAccessedDetails",
            params={"Granularity": "ACTION_LEVEL"},
            absent=frozenset({"NoSuchEntity"}),
        ),
        names="JobId",
        pending=lambda answer: answer.get("JobStatus") == "IN_PROGRESS",
    ),
    shape=last_accessed,
)


def detailed(kind: str, items: str) -> Collector:
    """One kind out of the account's authorisation details."""
    return Collector(
        kind=kind,
        listing=Call("iam", "GetAccountAuthorizationDetails", items=items, params=DETAILS),
        identify=by_arn,
        shape=with_documents,
        everywhere=False,
        details=(LAST_ACCESSED,) if kind == "AWS::IAM::Role" else (),
    )


COLLECTORS = (
    *(detailed(kind, items) for kind, items in LISTS.items()),
    Collector(
        kind="AWS::IAM::OIDCProvider",
        listing=OIDC,
        identify=by_arn,
        details=(Detail(OIDC_PROVIDER, bind=provider),),
        everywhere=False,
    ),
    Collector(kind="AWS::IAM::SAMLProvider", listing=SAML, identify=by_arn, everywhere=False),
)
