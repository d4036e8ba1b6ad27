"""AWS: accounts, and policies of IAM.

AWS says in its refusals which kind of policy decided (IAM User Guide, "Troubleshoot access denied error messages",
2025); where it says nothing, a missing statement is by far the likeliest.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from posture.queries import permissions
from posture.queries.clouds.cloud import Cloud, Document, Level, Remedy
from posture.queries.clouds.running import Runs

_EXPLICIT = re.compile(r"explicit deny in an? (?P<kind>[a-z -]*(?:policy|boundary))", re.IGNORECASE)
_NOT_ALLOWED = re.compile(
    r"because no (?P<kind>service control policy|resource control policy|permissions boundary|session policy|"
    r"VPC endpoint policy) allows",
    re.IGNORECASE,
)
_ORGANISATION = ("service control policy", "resource control policy")
_CREDENTIALS = {
    "ExpiredToken", "ExpiredTokenException", "InvalidAccessKeyId", "InvalidClientTokenId", "InvalidToken",
    "RequestExpired", "SignatureDoesNotMatch", "InvalidSignatureException", "UnrecognizedClientException",
    "TokenRefreshRequired", "AuthFailure",
}  # fmt: skip
_NOT_SUBSCRIBED = {"OptInRequired", "SubscriptionRequiredException"}


def denied(code: str, message: str) -> Remedy:
    if code in _CREDENTIALS:
        return "The credentials of the scan were not accepted any more. Scan again with fresh ones.", False
    if code in _NOT_SUBSCRIBED:
        return "The account has not signed up for this service there, and it answers nobody.", False
    decided = _EXPLICIT.search(message) or _NOT_ALLOWED.search(message)
    kind = decided["kind"].strip() if decided else ""
    if kind.lower() in _ORGANISATION:
        return (
            f"A {kind.lower()} of the organisation denies it, and no statement in this account can undo that. "
            "Ask whoever keeps the organisation's policies to leave out the scanning role.",
            False,
        )
    if decided and decided.re is _EXPLICIT:
        return (
            f"An explicit deny in its {kind} refuses it. Take it away; allowing the call as well does not help.",
            False,
        )
    if kind:
        return f"The {kind} leaves it out. Allow it there too; the role's own policy alone does not help.", True
    return "Add this statement to the policy of the scanning role.", True


def addition(actions: Iterable[str], account: str) -> str:
    return written(permissions.statement(actions))


def written(policy: Document) -> str:
    return json.dumps(policy, indent=2)


CLOUD = Cloud(
    name="AWS",
    account="account",
    article="an",
    family="organisation",
    trusts="accounts",
    cli="AWS CLI",
    regional=True,
    closed="The region is not open in this account.",
    written=written,
    documents=permissions.documents,
    document_name="policy",
    measured=lambda policy: f"{permissions.size(policy):,} characters",
    levels={"account": Level()},
    addition=addition,
    addition_name="Policy statement",
    denied=denied,
    acts="role",
    runs=(Runs("AWS::Lambda::Function", "Lambda function", ("ListFunctions/Runtime",)),),
    open_to={
        "aws.lambda.url_no_auth": "anyone",
        "aws.lambda.public_policy": "anyone",
        "aws.lambda.cross_account_invoke": "another account",
        "aws.lambda.service_principal_unscoped": "a service, for any customer",
    },
)
