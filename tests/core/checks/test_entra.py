"""The directory: administrators' sign-in, and what applications hold and may do."""

from scanners.checks.entra import DEFAULTS, GLOBAL_ADMINISTRATOR, POLICIES, REGISTERED, TRUSTED
from tests.core.azure import ME, OTHER, api, app_role, case, directory_role, holds, principal
from tests.core.cases import Cases, resource

GITHUB, OWN = "https://token.actions.githubusercontent.com", "https://login.company.example"
ADMINS = {"includeRoles": [GLOBAL_ADMINISTRATOR]}


def policy(users=None, controls=("mfa",), state="enabled", conditions=None, **grants):
    when = {"users": users or ADMINS, "applications": {"includeApplications": ["All"]}, "clientAppTypes": ["all"]}
    told = {"operator": "OR", "builtInControls": list(controls), **grants}
    return {"state": state, "conditions": {**when, **(conditions or {})}, "grantControls": told}


def tenant(*policies, defaults=False, admins=(), subject=""):
    people = [{"userPrincipalName": name, "isAdmin": True, "isMfaRegistered": has} for name, has in admins]
    sections = {DEFAULTS: {"isEnabled": defaults}, POLICIES: list(policies), REGISTERED: people}
    return case(resource("Microsoft.Graph/organization", "/organization/t", **sections), subject=subject)


def application(*around, secrets=(), trusted=(), subject=""):
    told = {"id": "app", "appId": f"app-{ME}", "passwordCredentials": [
        {"keyId": key, "startDateTime": begin, "endDateTime": end} for key, begin, end in secrets]}  # fmt: skip
    it = resource("Microsoft.Graph/applications", "/applications/app", resource=told, **{TRUSTED: list(trusted)})
    return case(it, *around, subject=subject)


def secret(begin, end):
    return application(secrets=[("k", f"{begin}T00:00:00Z", f"{end}T00:00:00.1234567Z")], subject="k")


def trusts(subject, *around, issuer=GITHUB, **more):
    one = {"name": "ci", "issuer": issuer, **({"subject": subject} if subject else {}), **more}
    return application(*around, trusted=[one], subject="ci")


def robot(*around, subject="", **more):
    known = api(id1="Application_ReadWrite_All", id2="User_Read_All")
    nobody = (app_role(OTHER, "id1"), directory_role(OTHER, GLOBAL_ADMINISTRATOR))
    return case(principal(**more), known, *nobody, *around, subject=subject)


PULLS = "repo:org/repo:pull_request"
GRANT = "ManagePermissionGrantsForSelf.microsoft-user-default-"


def by_default(subject, invites="adminsAndGuestInviters", guest="10dae51f-b6af-4016-8d66-8c2a99b929b3", granted=()):
    told = {"allowInvitesFrom": invites, "guestUserRoleId": guest,
            "defaultUserRolePermissions": {"permissionGrantPoliciesAssigned": list(granted)}}  # fmt: skip
    sections = {"policies.authorization_policy.get": told}
    return case(resource("Microsoft.Graph/organization", "/organization/t", **sections), subject=subject)


CASES = {
    "azure.entra.consent_guest": Cases(
        fails=(
            by_default("consent", granted=[f"{GRANT}low", f"{GRANT}legacy"]),
            by_default("invitations", invites="everyone"),
            by_default("guests", guest="A0B1B346-4d3e-4e8b-98f8-753987be4970"),
        ),
        passes=(
            by_default("consent", granted=[f"{GRANT}low"]),
            by_default("consent"),
            by_default("invitations", invites="none"),
            by_default("guests"),
        ),
    ),
    "azure.entra.admin_mfa": Cases(
        fails=(
            tenant(),
            tenant(policy(state="enabledForReportingButNotEnforced")),
            tenant(policy(state="disabled")),
            tenant(policy({"includeRoles": ["another"]})),
            tenant(policy({**ADMINS, "excludeRoles": [GLOBAL_ADMINISTRATOR]})),
            tenant(policy(controls=["compliantDevice"])),
            tenant(policy(controls=["mfa", "compliantDevice"])),
            tenant(policy(conditions={"applications": {"includeApplications": ["one"]}})),
            tenant(policy(conditions={"locations": {"excludeLocations": ["AllTrusted"]}})),
            tenant(policy(conditions={"clientAppTypes": ["browser"]})),
            tenant(policy(), admins=[("ada", True), ("grace", False)], subject="grace"),
        ),
        passes=(
            tenant(defaults=True),
            tenant(policy()),
            tenant(policy({"includeUsers": ["All"]}), admins=[("ada", True)]),
            tenant(policy(controls=(), authenticationStrength={"id": "phishing"})),
            tenant(policy(controls=["mfa", "compliantDevice"], operator="AND")),
            tenant(policy(state="disabled"), policy()),
        ),
    ),
    "azure.entra.app_credentials": Cases(
        fails=(
            secret("2026-01-01", "2028-01-01"),
            secret("2025-01-01", "2025-06-01"),
            secret("2026-06-01", "2026-12-31"),
        ),
        passes=(secret("2026-09-01", "2027-01-01"), application()),
    ),
    "azure.entra.app_graph_rights": Cases(
        fails=(
            robot(app_role(ME, "id1"), subject="Application.ReadWrite.All"),
            robot(directory_role(ME, GLOBAL_ADMINISTRATOR), subject="Global Administrator"),
        ),
        passes=(
            robot(),
            robot(app_role(ME, "id2")),
            robot(directory_role(ME, "88d8e3e3-8f55-4a1e-953a-9b9898b8876b")),
            robot(directory_role(ME, GLOBAL_ADMINISTRATOR, "/administrativeUnits/1")),
        ),
        unknown=(robot(app_role(ME, "id9")),),
    ),
    "azure.entra.federated_open": Cases(
        fails=(
            trusts(PULLS, principal(), holds(ME, "Owner")),
            trusts(None, principal(), claimsMatchingExpression={"value": "claims['sub'] matches 'repo:org/*'"}),
        ),
        passes=(
            trusts("repo:org/repo:ref:refs/heads/main", principal(), holds(ME, "Owner")),
            trusts(PULLS, principal(), holds(ME, "Reader")),
            trusts(PULLS, principal(OTHER), holds(OTHER, "Owner")),
            trusts("team:pull_request", principal(), holds(ME, "Owner"), issuer=OWN),
            application(),
        ),
        unknown=(trusts(None, principal()),),
    ),
}
