"""The directory behind Azure: how administrators sign in, and what applications hold and may do.

Limits: directory roles that principals get through groups, or may activate, are not seen.  Flexible federated
credentials tell their expression in the beta API alone: one without a subject is not judged.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from scanners.access.azure import (
    API,
    APP_ROLE,
    APPLICATION,
    DIRECTORY_ROLE,
    PRINCIPAL,
    RESOURCE,
    app_roles,
    directory_roles,
    is_wide,
    strong,
)
from scanners.checks.app_upkeep import WHO_HOLDS
from scanners.checks.facets import claim
from scanners.checks.federation import SHARED
from scanners.checks.registry import Fix, check
from scanners.model import Gap, Node, Resource, Severity, State, Unread, Verdict, failed, passed
from scanners.model.estate import Estate

TENANT = "Microsoft.Graph/organization"
POLICIES = "identity.conditional_access.policies.list"
DEFAULTS = "policies.identity_security_defaults_enforcement_policy.get"
BY_DEFAULT = "policies.authorization_policy.get"
LEGACY = "managepermissiongrantsforself.microsoft-user-default-legacy"  # consent to any app, for anything low or not
AS_MEMBERS = "a0b1b346-4d3e-4e8b-98f8-753987be4970"  # of a guest: "authorizationPolicy", Microsoft Graph, read 2026-11
REGISTERED = "reports.authentication_methods.user_registration_details.list"
TRUSTED = "applications.federated_identity_credentials.list"
LONGEST = timedelta(days=180)
GLOBAL_ADMINISTRATOR = "62e90394-69f5-4237-9190-012177145e10"
MASTERS = {  # "Microsoft Entra built-in roles", privileged; read 2026-11
    GLOBAL_ADMINISTRATOR: "Global Administrator",
    "e8611ab8-c189-46e8-94e1-60213ab1f814": "Privileged Role Administrator",
    "7be44c8a-adaf-4e2a-84d6-ab2649e08a13": "Privileged Authentication Administrator",
    "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3": "Application Administrator",
    "158c047a-c907-4556-b7ef-446551a6b5f7": "Cloud Application Administrator",
    "8ac3fc64-6eca-42ea-9e69-59f4c7b60eb2": "Hybrid Identity Administrator",
    "d29b2b05-8046-44ba-8758-1e26182fcf32": "Directory Synchronization Accounts",
    "e00e864a-17c5-4a4b-9c06-f5b95a8d5bd8": "Partner Tier2 Support",
}
TAKE_OVER = {  # "Microsoft Graph permissions reference", application permissions; read 2026-11
    "RoleManagement.ReadWrite.Directory",
    "AppRoleAssignment.ReadWrite.All",
    "Application.ReadWrite.All",
    "ServicePrincipalEndpoint.ReadWrite.All",
    "Directory.ReadWrite.All",
    "Group.ReadWrite.All",
    "GroupMember.ReadWrite.All",
    "PrivilegedAccess.ReadWrite.AzureADGroup",
    "PrivilegedAssignmentSchedule.ReadWrite.AzureADGroup",
    "PrivilegedEligibilitySchedule.ReadWrite.AzureADGroup",
    "RoleAssignmentSchedule.ReadWrite.Directory",
    "RoleEligibilitySchedule.ReadWrite.Directory",
    "RoleManagementPolicy.ReadWrite.Directory",
    "UserAuthenticationMethod.ReadWrite.All",
    "Policy.ReadWrite.PermissionGrant",
    "Domain.ReadWrite.All",
    "Synchronization.ReadWrite.All",
}
NARROW = ("locations", "platforms", "signInRiskLevels", "userRiskLevels", "devices")


@check(
    "azure.entra.admin_mfa",
    on=TENANT,
    severity=Severity.CRITICAL,
    title="Administrators without strong sign-in",
    reads=(DEFAULTS, POLICIES, REGISTERED),
    fix=Fix(
        console="Entra ID > Conditional Access > New policy from template: require multifactor authentication for"
        " admins; state on.",
        cli="az rest --method POST --url https://graph.microsoft.com/v1.0/identity/conditionalAccess/policies --body"
        " @policy.json",
        terraform='resource "azuread_conditional_access_policy" "admins" { state = "enabled"  grant_controls {'
        ' operator = "OR"  built_in_controls = ["mfa"] } }',
    ),
)
def admin_mfa(tenant: Resource, estate: Estate) -> Iterator[Verdict]:
    """One guessed or phished password of an administrator is then the whole directory, and every subscription in it."""
    defaults = tenant[DEFAULTS].need("isEnabled")
    if defaults.value is True:
        yield passed("Security defaults ask administrators for a second factor", defaults)
        return
    enforced = [policy for policy in tenant[POLICIES] if guards_administrators(policy)]
    if not enforced:
        yield failed("No policy that is on asks global administrators for a second factor everywhere", defaults,
                     tenant[POLICIES])  # fmt: skip
        return
    yield passed("A policy asks global administrators for a second factor", *enforced)
    for person in tenant[REGISTERED]:
        if person["isAdmin"].value is True and person["isMfaRegistered"].value is False:
            name = person.need("userPrincipalName").text()
            sentence = "An administrator has registered no second factor, so the next to sign in may"
            yield failed(sentence, person["isMfaRegistered"], subject=name, severity=Severity.HIGH)


def guards_administrators(policy: Node) -> bool:
    """Whether it asks every global administrator for more than a password, for every application and everywhere."""
    when, controls = policy["conditions"], policy["grantControls"]
    who, what, how = when["users"], when["applications"], when["clientAppTypes"]
    asked = {one.text() for one in controls["builtInControls"]}
    more = controls["authenticationStrength"]["id"].present or "mfa" in asked
    alone = len(asked) + controls["authenticationStrength"]["id"].present == 1 or controls["operator"].value == "AND"
    meant = GLOBAL_ADMINISTRATOR in _texts(who["includeRoles"]) or "All" in _texts(who["includeUsers"])
    spared = GLOBAL_ADMINISTRATOR in _texts(who["excludeRoles"])
    whole = "All" in _texts(what["includeApplications"]) and not what["excludeApplications"].value
    anywhere = not any(when[name].value for name in NARROW) and (not how.value or "all" in _texts(how))
    return policy["state"].value == "enabled" and more and alone and meant and not spared and whole and anywhere


def _texts(nodes: Node) -> set[str]:
    return {one.text() for one in nodes}


@check(
    "azure.entra.consent_guest",
    on=TENANT,
    severity=Severity.MEDIUM,
    title="Users may consent to any app or invite guests",
    reads=(BY_DEFAULT,),
    fix=Fix(
        console="Entra ID > Enterprise applications > Consent and permissions; External Identities > External"
        " collaboration settings: guests restricted, administrators and inviters invite.",
        cli="az rest --method PATCH --url https://graph.microsoft.com/v1.0/policies/authorizationPolicy --body"
        ' \'{"allowInvitesFrom":"adminsAndGuestInviters"}\'',
        terraform='resource "msgraph_update_resource" "this" { url = "policies/authorizationPolicy"  body = {'
        ' allowInvitesFrom = "adminsAndGuestInviters" } }',
    ),
)
def consent_guest(tenant: Resource, estate: Estate) -> Iterator[Verdict]:
    """One click on a stranger's app hands over mail and files; and guests that nobody knows look everybody up."""
    told = tenant[BY_DEFAULT]
    granted = told["defaultUserRolePermissions"]["permissionGrantPoliciesAssigned"]
    legacy = [one for one in granted if one.text().lower() == LEGACY]
    good, bad = "People may not consent to every app", "People may consent to any app, for all that it asks"
    yield claim(not legacy, good, bad, *(legacy or [granted]), subject="consent")
    invites, guest = told.need("allowInvitesFrom"), told.need("guestUserRoleId")
    good, bad = "Not everybody may invite guests", "Everybody may invite guests, other guests included"
    yield claim(invites.value != "everyone", good, bad, invites, subject="invitations")
    good, bad = "Guests see less than members do", "Guests see all that members see"
    yield claim(guest.text().lower() != AS_MEMBERS, good, bad, guest, subject="guests")


@check(
    "azure.entra.app_credentials",
    on=APPLICATION,
    severity=Severity.HIGH,
    title="Application secret long-lived or expired",
    reads=(RESOURCE,),
    fix=Fix(
        console="Entra ID > App registrations > the application > Certificates & secrets: delete the secret; add a"
        " federated credential, or a secret of at most 180 days.",
        cli="az ad app credential delete --id APP --key-id KEY",
        terraform='resource "azuread_application_federated_identity_credential" "ci" { issuer ='
        ' "https://token.actions.githubusercontent.com"  subject = "repo:ORG/REPO:environment:production" }',
    ),
)
def app_credentials(application: Resource, estate: Estate) -> Iterator[Verdict]:
    """A secret is a password in a file: it is copied, it works from anywhere, and no second factor guards it.

    Lighter where it has expired, and only lies about.
    """
    told = application[RESOURCE]
    for secret in told["passwordCredentials"]:
        begin, end, name = secret.need("startDateTime"), secret.need("endDateTime"), secret.need("keyId").text()
        first, last = (datetime.fromisoformat(one.text()[:19] + "+00:00") for one in (begin, end))
        if last <= estate.now:
            yield failed(f"A secret expired on {last.date()} and is still there", end, subject=name,
                         severity=Severity.LOW)  # fmt: skip
        else:
            good, bad = (
                f"A secret ends on {last.date()}",
                f"A secret of {(last - first).days} days ends on {last.date()}",
            )
            yield claim(last - first <= LONGEST, good, bad, begin, end, subject=name)
    yield passed("It has no other secret", told["passwordCredentials"])


@check(
    "azure.entra.app_graph_rights",
    on=PRINCIPAL,
    severity=Severity.CRITICAL,
    title="Application can take over the directory",
    reads=(RESOURCE,),
    joins=((APP_ROLE, RESOURCE), (API, RESOURCE), (DIRECTORY_ROLE, RESOURCE)),
    fix=Fix(
        console="Entra ID > Enterprise applications > the application > Permissions: revoke the permission; Roles and"
        " administrators: remove the assignment; grant the narrowest that does.",
        cli="az rest --method DELETE --url"
        " https://graph.microsoft.com/v1.0/servicePrincipals/PRINCIPAL/appRoleAssignments/ASSIGNMENT",
        terraform='resource "azuread_app_role_assignment" "this" { app_role_id ='
        ' azuread_service_principal.msgraph.app_role_ids["User.Read.All"] }',
    ),
)
def app_graph_rights(principal: Resource, estate: Estate) -> Iterator[Verdict]:
    """Whoever has its credential makes themselves global administrator, and every subscription is theirs."""
    told = principal[RESOURCE]
    who = told.need("id").text()
    gaps: list[Gap] = []
    for found in (_app_roles(who, estate), _directory_roles(who, estate)):
        try:
            for name, proof in found:
                yield failed(f"It holds {name}", proof, subject=name)
        except Unread as unread:
            gaps.extend(unread.gaps)
    if gaps:
        raise Unread(*gaps)
    yield passed("It holds nothing else that leads to all of the directory", told)


Rights = Iterator[tuple[str, Node]]


def _app_roles(who: str, estate: Estate) -> Rights:
    return ((name.text(), told) for name, told in app_roles(who, estate) if name.value in TAKE_OVER)


def _directory_roles(who: str, estate: Estate) -> Rights:
    return ((MASTERS[role.text()], role) for role in directory_roles(who, estate) if role.value in MASTERS)


@check(
    "azure.entra.federated_open",
    on=APPLICATION,
    severity=Severity.CRITICAL,
    title="CI federation too broad",
    reads=(RESOURCE, TRUSTED),
    joins=((PRINCIPAL, RESOURCE), *WHO_HOLDS),
    fix=Fix(
        console="Entra ID > App registrations > the application > Certificates & secrets > Federated credentials: one"
        " branch or environment.",
        cli="az ad app federated-credential update --id APP --federated-credential-id ID --parameters credential.json",
        terraform='resource "azuread_application_federated_identity_credential" "ci" { subject ='
        ' "repo:ORG/REPO:environment:production" }',
    ),
)
def federated_open(application: Resource, estate: Estate) -> Iterator[Verdict]:
    """A stranger's pipeline, or a change that nobody has looked at yet, then runs with the application's rights."""
    trusted = application[TRUSTED]
    for one in trusted:
        name, issuer, subject = one.need("name").text(), one.need("issuer"), one["subject"]
        expression = one["claimsMatchingExpression"]["value"]
        host = urlsplit(issuer.text()).hostname or ""
        if expression.value and "*" in expression.text():
            yield failed("A wildcard stands for whom it trusts", expression, issuer, subject=name)
        elif not subject.value and not expression.value:
            code = "whom it trusts is told by the beta API alone"
            raise Unread(Gap(subject.call, "", State.UNSUPPORTED, code, subject.region))
        elif subject.value and subject.text().endswith(":pull_request") and _shared(host):
            yield from _by_pull_requests(application, subject, name, estate)
        else:
            yield passed("It trusts one subject", subject if subject.value else expression, issuer, subject=name)
    yield passed("It trusts no other outside identity", trusted)


def _shared(host: str) -> bool:
    return any(re.fullmatch(address, host) for address in SHARED)


def _by_pull_requests(application: Resource, subject: Node, name: str, estate: Estate) -> Iterator[Verdict]:
    app = application[RESOURCE].need("appId").value
    who = [one[RESOURCE].need("id").text() for one in estate.all(PRINCIPAL) if one[RESOURCE]["appId"].value == app]
    for _, role, proof in strong(who, estate, is_wide):
        sentence = f"Pull requests that nobody has looked at hold {role['roleName'].value} through it"
        yield failed(sentence, subject, *proof, subject=name)
        return
    yield passed("Pull requests are trusted, and master of nothing", subject, subject=name)
