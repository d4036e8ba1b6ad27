"""Service accounts' own keys, and the identity providers whose workloads may come in without one.

Limits: an attribute condition is read as text: one that compares a claim of the owner counts, whatever it is joined to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from scanners.access.gcp import RESOURCE
from scanners.checks.federation import SHARED
from scanners.checks.registry import Fix, check
from scanners.checks.workloads import ACCOUNT
from scanners.model import Gap, Node, Resource, Severity, State, Unread, Verdict, failed, not_applicable, passed
from scanners.model.estate import Estate

PROVIDER = "iam.googleapis.com/WorkloadIdentityPoolProvider"
OLDEST = timedelta(days=90)
OWNERS = {  # issuer → claims that name whose workload it is ("Configure Workload Identity Federation", read 2026-11)
    r"token\.actions\.githubusercontent\.com": "repository repository_id repository_owner repository_owner_id sub"
    " job_workflow_ref enterprise enterprise_id",
    r"gitlab\.com": "namespace_id namespace_path project_id project_path sub user_id",
    r"app\.terraform\.io": "terraform_organization_id terraform_organization_name terraform_workspace_id sub",
    r"agent\.buildkite\.com": "organization_slug organization_id pipeline_slug pipeline_id sub",
    r"oidc\.circleci\.com": "oidc.circleci.com/project-id aud sub",
    r"api\.bitbucket\.org": "repositoryUuid workspaceUuid sub",
}


@check(
    "gcp.iam.sa_user_keys",
    on=ACCOUNT,
    severity=Severity.HIGH,
    title="Service account has downloaded keys",
    reads=(RESOURCE, "keys"),
    fix=Fix(
        console="IAM & Admin > Service Accounts > the account > Keys: disable the key, see that nothing breaks, delete"
        " it; let workloads attach the account, or federate them.",
        cli="gcloud iam service-accounts keys disable KEY --iam-account EMAIL; gcloud iam service-accounts keys delete"
        " KEY --iam-account EMAIL",
        terraform='resource "google_iam_workload_identity_pool" "ci" { workload_identity_pool_id = "ci" }',
    ),
)
def sa_user_keys(account: Resource, estate: Estate) -> Iterator[Verdict]:
    """A key is a password in a file: it is copied, it works from anywhere, and it does not end by itself.

    Graver than 90 days of age, lighter before.
    """
    disabled = account[RESOURCE]["disabled"]
    for key in account["keys"]:
        name, made = key.need("name").text().rpartition("/")[2], key.need("validAfterTime")
        day = datetime.fromisoformat(made.text().replace("Z", "+00:00"))
        if disabled.value is True or key["disabled"].value is True:
            yield passed("The key is switched off", key["disabled"], disabled, subject=name)
        else:
            severity = None if estate.now - day > OLDEST else Severity.MEDIUM
            yield failed(f"A key made on {day.date()} works", key, made, subject=name, severity=severity)
    yield passed("It has no other key that somebody holds", account["keys"])


@check(
    "gcp.iam.sa_unused",
    on=ACCOUNT,
    severity=Severity.LOW,
    title="Service account unused",
    reads=(RESOURCE, "activities"),
    fix=Fix(
        console="IAM & Admin > Service Accounts > the account > Disable; delete it when nothing breaks.",
        cli="gcloud iam service-accounts disable EMAIL",
        terraform='resource "google_service_account" "this" { account_id = "NAME"  disabled = true }',
    ),
)
def sa_unused(account: Resource, estate: Estate) -> Iterator[Verdict]:
    """What nobody uses nobody misses when it is taken over.  Use of an API key that is bound to it is not told."""
    disabled = account[RESOURCE]["disabled"]
    if disabled.value is True:
        yield not_applicable("It is switched off", disabled)
        return
    for told in account["activities"]:
        since, last = told["observationPeriod"].need("startTime"), told["activity"]["lastAuthenticatedTime"]
        if last.present and estate.now - _moment(last) <= OLDEST:
            yield passed(f"It authenticated on {_moment(last).date()}", last)
        elif estate.now - _moment(since) < OLDEST:
            yield not_applicable(f"It is watched since {_moment(since).date()} only", since)
        elif last.present:
            yield failed(f"It last authenticated on {_moment(last).date()}", last, since)
        else:
            yield failed(f"It has not authenticated since {_moment(since).date()}", since, last)
        return
    told = account["activities"]
    raise Unread(Gap(told.call, "", State.SKIPPED, "nothing was told of its use", told.region))


def _moment(told: Node) -> datetime:
    return datetime.fromisoformat(told.text().replace("Z", "+00:00"))


@check(
    "gcp.iam.wif_open",
    on=PROVIDER,
    severity=Severity.CRITICAL,
    title="Workload federation without condition",
    reads=(RESOURCE,),
    fix=Fix(
        console="IAM & Admin > Workload Identity Federation > the pool > the provider > Edit: attribute condition, such"
        " as assertion.repository_owner_id == 'ID'.",
        cli="gcloud iam workload-identity-pools providers update-oidc NAME --workload-identity-pool POOL --location"
        " global --attribute-condition \"assertion.repository_owner_id == 'ID'\"",
        terraform='resource "google_iam_workload_identity_pool_provider" "this" { attribute_condition ='
        " \"assertion.repository_owner_id == 'ID'\" }",
    ),
)
def wif_open(provider: Resource, estate: Estate) -> Iterator[Verdict]:
    """The issuer signs for everyone who uses it: without a condition, a stranger's pipeline is let into the pool."""
    told = provider[RESOURCE]
    issuer, condition = told["oidc"]["issuerUri"], told["attributeCondition"]
    if told["disabled"].value is True or told["state"].value == "DELETED":
        yield not_applicable("The provider is switched off", told["disabled"], told["state"])
    elif not issuer.present:
        yield not_applicable("It takes tokens of no OpenID Connect issuer", told)
    elif not (claims := _claims(issuer)):
        yield passed("The issuer is not known to serve strangers as well", issuer)
    elif not condition.value:
        yield failed(f"Whoever {urlsplit(issuer.text()).hostname} signs for is let in", issuer, condition)
    elif names_owner(condition.text(), claims):
        yield passed("The condition asks whose workload it is", condition)
    else:
        sentence = f"The condition does not ask whose workload {urlsplit(issuer.text()).hostname} signs for"
        yield failed(sentence, condition, issuer)


def _claims(issuer: Node) -> tuple[str, ...]:
    """The claims that tell an issuer's customers apart; none for an issuer that serves its owner alone."""
    host = urlsplit(issuer.text()).hostname or ""
    for address, claims in OWNERS.items():
        if re.fullmatch(address, host):
            return tuple(claims.split())
    if any(re.fullmatch(address, host) for address in SHARED):
        return ("sub",)
    return ()


def names_owner(condition: str, claims: tuple[str, ...]) -> bool:
    """Whether one of the claims is compared with something fixed: ==, `in` a list, startsWith of more than nothing."""
    for claim in claims:
        name = (
            rf"""(assertion\.{re.escape(claim)}|assertion\[["']{re.escape(claim)}["']\]|attribute\.{re.escape(claim)}"""
        )
        name += r"|google\.subject)" if claim == "sub" else ")"
        fixed = r"""["'][^"'*]+["']"""
        if re.search(rf"{name}\s*(==\s*{fixed}|in\s*\[\s*{fixed}|\.startsWith\(\s*{fixed})", condition):
            return True
        if re.search(rf"{fixed}\s*==\s*{name}(?![\w.])", condition):
            return True
    return False
