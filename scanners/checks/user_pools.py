"""Cognito's user pools: how the people in them sign in, who may join, and what apps may do."""

from __future__ import annotations

from collections.abc import Iterator

from scanners.checks.registry import Fix, check
from scanners.model import Node, Resource, Severity, Verdict, failed, not_applicable, passed
from scanners.model.estate import Estate

POOL = "AWS::Cognito::UserPool"


@check(
    "aws.cognito.mfa",
    on=POOL,
    severity=Severity.MEDIUM,
    title="User pool without multi-factor sign-in",
    reads=("DescribeUserPool",),
    fix=Fix(
        console="Cognito > User pools > the pool > Sign-in > Multi-factor authentication > Edit: require MFA.",
        cli="aws cognito-idp set-user-pool-mfa-config --user-pool-id ID --mfa-configuration ON"
        " --software-token-mfa-configuration Enabled=true",
        terraform='resource "aws_cognito_user_pool" "this" { mfa_configuration = "ON"'
        "  software_token_mfa_configuration { enabled = true } }",
    ),
)
def mfa(pool: Resource, estate: Estate) -> Iterator[Verdict]:
    """A password that was guessed, or stolen elsewhere, is all it takes to be one of your users."""
    asked = pool["DescribeUserPool"].need("MfaConfiguration")
    if asked.value == "ON":
        yield passed("Everyone signs in with a second factor", asked)
    elif asked.value == "OPTIONAL":
        yield failed("Users choose whether they have a second factor", asked, severity=Severity.LOW)
    else:
        yield failed("Nobody is asked for a second factor", asked)


@check(
    "aws.cognito.self_signup",
    on=POOL,
    severity=Severity.MEDIUM,
    title="Anyone may register in the user pool",
    reads=("DescribeUserPool",),
    fix=Fix(
        console="Cognito > User pools > the pool > Sign-up > Self-service sign-up > Edit: turn it off.",
        cli="aws cognito-idp update-user-pool --user-pool-id ID --admin-create-user-config"
        " AllowAdminCreateUserOnly=true",
        terraform='resource "aws_cognito_user_pool" "this" { admin_create_user_config {'
        " allow_admin_create_user_only = true } }",
    ),
)
def self_signup(pool: Resource, estate: Estate) -> Iterator[Verdict]:
    """Whoever asks becomes a user, and passes every authorizer that only wants somebody of this pool."""
    only = pool["DescribeUserPool"]["AdminCreateUserConfig"]["AllowAdminCreateUserOnly"]
    if only.value is True:
        yield passed("Only administrators make users", only)
    else:
        yield failed("Anyone may register", only)


@check(
    "aws.cognito.threat_protection",
    on=POOL,
    severity=Severity.LOW,
    title="No protection against stolen passwords",
    reads=("DescribeUserPool",),
    fix=Fix(
        console="Cognito > User pools > the pool > Threat protection > Edit: full function (needs the Plus plan).",
        cli="aws cognito-idp update-user-pool --user-pool-id ID --user-pool-add-ons AdvancedSecurityMode=ENFORCED",
        terraform='resource "aws_cognito_user_pool" "this" { user_pool_add_ons {'
        ' advanced_security_mode = "ENFORCED" } }',
    ),
)
def threat_protection(pool: Resource, estate: Estate) -> Iterator[Verdict]:
    """Passwords that leaked elsewhere are tried here by the million; nothing notices, and nothing stops it."""
    mode = pool["DescribeUserPool"]["UserPoolAddOns"]["AdvancedSecurityMode"]
    if mode.value == "ENFORCED":
        yield passed("Risky sign-ins are stopped", mode)
    else:
        said = (
            "Risky sign-ins are noted and let through" if mode.value == "AUDIT" else "Nobody looks for risky sign-ins"
        )
        yield failed(said, mode)


@check(
    "aws.cognito.client_flows",
    on=POOL,
    severity=Severity.MEDIUM,
    title="App client allows weak OAuth flows",
    reads=("DescribeUserPoolClient",),
    fix=Fix(
        console="Cognito > User pools > the pool > App clients > the client > Edit: authorization code grant, HTTPS"
        " callbacks, no ALLOW_USER_PASSWORD_AUTH, token revocation on.",
        cli="aws cognito-idp update-user-pool-client --user-pool-id ID --client-id ID --allowed-o-auth-flows code"
        " --explicit-auth-flows ALLOW_USER_SRP_AUTH ALLOW_REFRESH_TOKEN_AUTH --enable-token-revocation",
        terraform='resource "aws_cognito_user_pool_client" "this" { allowed_oauth_flows = ["code"]'
        '  callback_urls = ["https://app.example.com/signed-in"]  enable_token_revocation = true }',
    ),
)
def client_flows(pool: Resource, estate: Estate) -> Iterator[Verdict]:
    """Tokens end up in addresses and logs, passwords in the app's own hands, and neither can be called back."""
    judged = False
    for identity, client in pool.each("DescribeUserPoolClient"):
        if not client.present:  # gone since it was listed
            continue
        judged, name = True, str(client["ClientName"].value or identity)
        if weak := list(_weak(client)):
            said = "; ".join(words for words, _ in weak)
            yield failed(said[0].upper() + said[1:], *(where for _, where in weak), subject=name)
        else:
            yield passed("The app uses the code flow or none, and its tokens can be called back", client, subject=name)
    if not judged:
        yield not_applicable("No app signs in with this pool", pool["DescribeUserPoolClient"])


def _weak(client: Node) -> Iterator[tuple[str, Node]]:
    """What is weak, and where it says so.  OAuth's own settings count only where they are turned on."""
    if client["AllowedOAuthFlowsUserPoolClient"].value is True:
        yield from (("the implicit grant is on", one) for one in client["AllowedOAuthFlows"] if one.value == "implicit")
        for callback in client["CallbackURLs"]:
            if callback.text().startswith("http://") and not _at_home(callback.text()):
                yield f"tokens may be sent to {callback.value}", callback
    for flow in client["ExplicitAuthFlows"]:
        if flow.value in ("ALLOW_USER_PASSWORD_AUTH", "USER_PASSWORD_AUTH"):
            yield "the app may send passwords itself", flow
    if (revocation := client["EnableTokenRevocation"]).value is False:
        yield "tokens cannot be called back", revocation


def _at_home(address: str) -> bool:
    return address.removeprefix("http://").split("/")[0].split(":")[0] in ("localhost", "127.0.0.1")
