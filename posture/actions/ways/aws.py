"""Into AWS: a role to assume, or the machine's own credentials."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from posture.models import Account, Organisation
from scanners.collectors.aws import account as aws
from scanners.collectors.cloud import Refusal
from scanners.model import Gap

LETS_IN = {  # whom a role must not let in: the code of the probe → how it was assumed
    "ExternalIdNotRequired": "without its ExternalId",
    "AnyExternalIdAccepted": "with an ExternalId that is not its own",
}


def connection(account: Account) -> aws.Connection:
    owner = account.organisation if account.through_organisation and account.organisation else account
    external_id = owner.external_id if account.role_arn else ""
    return aws.Connection(account.role_arn, external_id, account.endpoint, f"posture-{account.pk}")


def probe(account: Account) -> aws.Caller:
    partition = account.role_arn.split(":")[1] if account.role_arn else "aws"
    return aws.probe(replace(connection(account), session_name="posture"), partition)


def refused(refusal: Refusal, account: Account) -> str:
    if refusal.code in LETS_IN:
        return (
            f"This role can be assumed {LETS_IN[refusal.code]}, so we could be tricked into reading it for others. "
            "Put the condition on sts:ExternalId into its trust policy as it is shown below, then try again."
        )
    if refusal.state == "unreachable":
        return f"AWS did not answer in time ({refusal.code}): check this machine's network and try again."
    if refusal.code in ("NoCredentialsError", "CredentialRetrievalError"):
        return "This machine has no AWS credentials of its own: give it an instance role, or set AWS_PROFILE."
    if account.role_arn and refusal.state == "denied":
        return (
            f"AWS did not let us assume the role ({refusal.code}). Check that it is there and that its trust policy "
            "names this machine's identity and the ExternalId below; wait a minute when it is new."
        )
    return f"AWS refused ({refusal.code}): {refusal.message}"


def refused_here(refusal: Refusal) -> str:
    if refusal.state == "unreachable":
        return (
            f"AWS cannot be reached ({refusal.code}): check the network, the proxy, and AWS_ENDPOINT_URL if it is set."
        )
    if refusal.code == "NoCredentialsError":
        return "No AWS credentials were found: run `aws configure` or `aws sso login`, or set AWS_PROFILE."
    if refusal.code == "ProfileNotFound":
        return f"{refusal.message}: see `aws configure list-profiles`, and correct AWS_PROFILE."
    return f"AWS refused these credentials ({refusal.code}): {refusal.message}"


def root(organisation: Organisation) -> aws.Connection:
    external_id = organisation.external_id if organisation.role_arn else ""
    return aws.Connection(organisation.role_arn, external_id, organisation.endpoint)


def lister(organisation: Organisation) -> Account:
    way = {name: getattr(organisation, name) for name in ("role_arn", "external_id", "endpoint")}
    return Account(provider="aws", **way)


def entrance(organisation: Organisation, ref: str, *, own: bool) -> dict[str, str]:
    there = f"arn:{organisation.partition}:iam::{ref}:role/{organisation.member_role}"
    return {"role_arn": organisation.role_arn if own else there}


def unlisted(gaps: Sequence[Gap], organisation: Organisation) -> str:
    first = gaps[0]
    if first.code == "AWSOrganizationsNotInUseException":
        return "This account is in no organisation: connect it as an account of its own."
    return (
        f"The role lets us in, but its accounts could not be listed ({first.code}). It must be in the account that "
        f"manages the organisation or was delegated to, and be allowed {first.permission}."
    )
