"""Roles that outside identity providers vouch for: whom a token must have been made for.

Limits: a provider that SHARED does not name is taken to serve its owner alone, and any subject that begins with
something fixed passes.
Sources: "Available keys for AWS OIDC federation" (IAM User Guide); subject formats of GitHub ("OpenID Connect
reference"), GitLab ("ID token payload"), HCP Terraform ("Workload identity tokens"), Buildkite ("OIDC"), EKS
("Assign IAM roles to Kubernetes service accounts"), read 2026-11.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from scanners.access.aws.statements import Statement
from scanners.checks.registry import Fix, check
from scanners.checks.trust import DETAILS, ROLE, assuming, trust_policy
from scanners.model import Node, Resource, Severity, Verdict, failed, not_applicable, passed
from scanners.model.estate import Estate

WEB = "sts:AssumeRoleWithWebIdentity"
PROVIDER = ":oidc-provider/"
COGNITO = re.compile(r"cognito-identity[\w-]*\.(?:[\w-]+\.)?amazonaws\.com(?:\.cn)?")  # by partition
BUILT_IN = {"accounts.google.com", "graph.facebook.com", "www.amazon.com"}  # named without an ARN
APP_CLAIMS = {"aud", "oaud", "azp", "app_id", "sub", "user_id", "id"}
WILD = re.compile(r"[*?]")


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim that a condition holds tokens to.  `wanted` leaves out values that no token can have."""

    name: str
    values: tuple[Node, ...]
    wanted: tuple[str, ...]

    def begins(self, pattern: str) -> bool:
        """Whether all that is wanted begins so: values of one condition are alternatives."""
        return all(re.match(pattern, value) for value in self.wanted)


@dataclass(frozen=True, slots=True)
class Customer:
    """How claims of a provider that serves everybody must begin to name one `project`, and the customer at least."""

    project: str
    claims: dict[str, str]
    customer: str


ONE = r"[^/:*?]+"  # a name without a wildcard
SHARED = {  # address → what its subjects say
    r"token\.actions\.githubusercontent\.com": Customer(
        "repository",
        {
            "sub": rf"(repo:{ONE}/{ONE}|repository_id:\d+)(:|$)",
            "repository": rf"{ONE}/{ONE}$",
            "repository_id": r"\d+$",
            "job_workflow_ref": rf"{ONE}/{ONE}/",
        },
        rf"repo:{ONE}/|repository_owner(_id)?:{ONE}(:|$)",
    ),
    r"gitlab\.com": Customer("project", {"sub": rf"project_path:[^:*?]+/{ONE}:"}, rf"project_path:{ONE}/"),
    r"app\.terraform\.io": Customer("project", {"sub": rf"organization:{ONE}:project:{ONE}:"}, rf"organization:{ONE}:"),
    r"agent\.buildkite\.com": Customer(
        "pipeline", {"sub": rf"organization:{ONE}:pipeline:{ONE}:"}, rf"organization:{ONE}:"
    ),
    r"oidc\.eks\..*": Customer("namespace", {"sub": rf"system:serviceaccount:{ONE}:"}, r"system:serviceaccount:"),
}
OWN = Customer("subject", {"sub": r"[^*?]"}, r"[^*?]")  # a provider that is not known to serve everybody


@check(
    "aws.iam.oidc_unscoped",
    on=ROLE,
    severity=Severity.CRITICAL,
    title="CI federation open to other repositories",
    reads=(DETAILS,),
    fix=Fix(
        console="IAM > Roles > the role > Trust relationships > Edit: StringEquals conditions on the provider's :sub"
        " (the"
        " repository with its branch or environment) and :aud (sts.amazonaws.com).",
        cli="aws iam update-assume-role-policy --role-name NAME --policy-document file://trust.json",
        terraform='data "aws_iam_policy_document" "trust" { statement { condition { test = "StringEquals"  variable = '
        '"token.actions.githubusercontent.com:sub"  values = ["repo:ORG/REPO:ref:refs/heads/main"] } } }',
    ),
)
def oidc_unscoped(role: Resource, estate: Estate) -> Iterator[Verdict]:
    """The provider signs for everyone who uses it: without a subject, a stranger's pipeline becomes this role."""
    policy, found = trust_policy(role), False
    for statement in assuming(policy):
        for provider in _providers(statement) if statement.may(WEB) else ():
            found = True
            yield from _judged(statement, provider)
    if found:
        yield passed("Each identity provider's tokens have to name a subject and an audience", policy)
    else:
        yield not_applicable("No OpenID Connect provider vouches for the role", policy)


def _providers(statement: Statement) -> Iterator[Node]:
    principal = statement.node["Principal"]
    if isinstance(principal.value, dict):
        for one in principal["Federated"]:
            if PROVIDER in one.text() or one.value in BUILT_IN:
                yield one


def _judged(statement: Statement, provider: Node) -> Iterator[Verdict]:
    host = provider.text().rpartition(PROVIDER)[2]
    claims = list(_claims(statement, host))
    names = {claim.name for claim in claims}
    if host in BUILT_IN:
        if not APP_CLAIMS & names:
            yield failed(f"Tokens of {host} made for any app of anybody are taken", provider, statement.node)
        return
    known = next((known for address, known in SHARED.items() if re.fullmatch(address, host)), OWN)
    subjects = [value for claim in claims if claim.name == "sub" for value in claim.values]
    if any(claim.begins(known.claims[claim.name]) for claim in claims if claim.name in known.claims):
        if "aud" not in names:
            sentence = f"Tokens of {host} are taken whatever their audience"
            yield failed(sentence, provider, statement.node, severity=Severity.MEDIUM)
    elif any(claim.begins(known.customer) for claim in claims if claim.name == "sub"):
        sentence = f"Tokens of {host} are taken from more than one {known.project} of a customer"
        yield failed(sentence, *subjects, statement.node, severity=Severity.HIGH)
    else:
        yield failed(f"Tokens of {host} made for anybody are taken", *(subjects or [provider]), statement.node)


def _claims(statement: Statement, host: str) -> Iterator[Claim]:
    """The claims that a token must bring.  ForAllValues and IfExists let tokens pass that lack the claim.

    Only StringLike knows wildcards: elsewhere a value with one is met by no token.  A value that is nothing but
    wildcards asks for nothing.
    """
    for operator, key, values in statement.conditions():
        plain = operator.removeprefix("foranyvalue:")
        if plain not in ("stringequals", "stringequalsignorecase", "stringlike") or not values.present:
            continue
        if key.startswith(f"{host.lower()}:"):
            nodes = tuple(values)
            wanted = tuple(v.text() for v in nodes if plain == "stringlike" or not WILD.search(v.text()))
            if all(WILD.sub("", value) for value in wanted):
                yield Claim(key.rpartition(":")[2], nodes, wanted)


@check(
    "aws.iam.cognito_trust_unscoped",
    on=ROLE,
    severity=Severity.HIGH,
    title="Role for Cognito accepts any pool",
    reads=(DETAILS,),
    fix=Fix(
        console="IAM > Roles > the role > Trust relationships > Edit: a StringEquals condition on"
        " cognito-identity.amazonaws.com:aud with the id of the identity pool.",
        cli="aws iam update-assume-role-policy --role-name NAME --policy-document file://trust.json",
        terraform='data "aws_iam_policy_document" "trust" { statement { condition { test = "StringEquals"  variable ='
        ' "cognito-identity.amazonaws.com:aud"  values = [aws_cognito_identity_pool.this.id] } } }',
    ),
)
def cognito_trust_unscoped(role: Resource, estate: Estate) -> Iterator[Verdict]:
    """Anyone can make an identity pool of their own, and with its tokens become this role."""
    policy, found = trust_policy(role), False
    for statement in assuming(policy):
        for pool in _cognito(statement) if statement.may(WEB) else ():
            found = True
            if not any(claim.name == "aud" and claim.begins(r"[^*?]+$") for claim in _claims(statement, pool.text())):
                yield failed("Tokens of any identity pool of anybody are taken", pool, statement.node)
    if found:
        yield passed("Tokens have to come from a named identity pool", policy)
    else:
        yield not_applicable("Cognito does not vouch for the role", policy)


def _cognito(statement: Statement) -> Iterator[Node]:
    principal = statement.node["Principal"]
    if isinstance(principal.value, dict):
        for one in principal["Federated"]:
            if COGNITO.fullmatch(one.text()):
                yield one
