"""The way into an account: a role to assume or the machine's own credentials, tried before anything rests on it."""

from __future__ import annotations

from posture.models import Account
from posture.runtime.mistakes import Mistake
from scanners.collectors.aws import account as aws
from scanners.collectors.cloud import Refusal

LETS_IN = {  # whom a role must not let in: the code of the probe → how it was assumed
    "ExternalIdNotRequired": "without its ExternalId",
    "AnyExternalIdAccepted": "with an ExternalId that is not its own",
}


def connection(account: Account) -> aws.Connection:
    owner = account.organisation if account.through_organisation and account.organisation else account
    external_id = owner.external_id if account.role_arn else ""
    return aws.Connection(account.role_arn, external_id, account.endpoint, f"posture-{account.pk}")


def tried(*, role_arn: str, external_id: str, endpoint: str = "") -> aws.Caller:
    """Who we are to an account; asks the cloud, for at most ten seconds.  Raises Mistake."""
    partition = role_arn.split(":")[1] if role_arn else "aws"
    try:
        return aws.probe(aws.Connection(role_arn, external_id if role_arn else "", endpoint), partition)
    except Refusal as refusal:
        raise Mistake(_no_entry(refusal, role_arn)) from None


def _no_entry(refusal: Refusal, role_arn: str) -> str:
    if refusal.code in LETS_IN:
        return (
            f"This role can be assumed {LETS_IN[refusal.code]}, so we could be tricked into reading it for others. "
            "Put the condition on sts:ExternalId into its trust policy as it is shown below, then try again."
        )
    if refusal.state == "unreachable":
        return f"AWS did not answer in time ({refusal.code}): check this machine's network and try again."
    if refusal.code in ("NoCredentialsError", "CredentialRetrievalError"):
        return "This machine has no AWS credentials of its own: give it an instance role, or set AWS_PROFILE."
    if role_arn and refusal.state == "denied":
        return (
            f"AWS did not let us assume the role ({refusal.code}). Check that it is there and that its trust policy "
            "names this machine's identity and the ExternalId below; wait a minute when it is new."
        )
    return f"AWS refused ({refusal.code}): {refusal.message}"[:400]
