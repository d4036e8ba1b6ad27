"""IAM: users, groups, roles and policies with all their documents from one call, and who vouches for outsiders.

AWS's own managed policies are not asked for: no check reads them yet.  The access engine will: add "AWSManagedPolicy"
to the filter then (AWS sends the attached ones only).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scanners.collectors.cloud import Call, Collector, Detail
from scanners.collectors.door import Door
from scanners.collectors.parse import policy_document
from scanners.model import Identity, Place, Resource

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
    if "InstanceProfileList" in item:  # each repeats the role
        kept["InstanceProfileList"] = [{"Arn": profile["Arn"]} for profile in item["InstanceProfileList"]]
    return kept


def provider(resource: Resource) -> dict[str, str]:
    return {"OpenIDConnectProviderArn": resource.ref}


def detailed(kind: str, items: str) -> Collector:
    """One kind out of the account's authorisation details.  When a role was last used moves by itself: not kept."""
    return Collector(
        kind=kind,
        listing=Call(
            "iam", "GetAccountAuthorizationDetails", items=items, params=DETAILS, drop=frozenset({"RoleLastUsed"})
        ),
        identify=by_arn,
        shape=with_documents,
        everywhere=False,
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
