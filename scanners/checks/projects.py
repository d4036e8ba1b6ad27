"""A project and what is above it: who is bound to which roles, what is recorded, and which guard rails hold.

Limits: agents that Google runs and binds by itself are passed over (`of_google`).  Managed variants of constraints
(iam.managed.…) are not looked at.
"""

from __future__ import annotations

from collections.abc import Iterator

from scanners.access.gcp import (
    BASIC,
    CUSTOM,
    EVERYONE,
    FOLDER,
    LEVELS,
    ORGANIZATION,
    POLICY,
    PREDEFINED,
    PROJECT,
    RESOURCE,
    grants,
    is_account,
    levels,
    of_google,
    open_to_everyone,
    permissions,
)
from scanners.checks.registry import Fix, check
from scanners.checks.workloads import BECOMES
from scanners.model import Gap, Node, Resource, Severity, State, Unread, Verdict, failed, passed
from scanners.model.estate import Estate

ROLES = ((PREDEFINED, RESOURCE), (CUSTOM, RESOURCE))
USED = "projects.locations.recommenders.recommendations.list"
EFFECTIVE, ORG = "projects.policies.getEffectivePolicy", "organizations.get"
LOGS = ("ADMIN_READ", "DATA_READ", "DATA_WRITE")
PERSONAL = ("gmail.com", "googlemail.com")
PEOPLE = ("user", "group", "domain")
WIDE = ("all", "ALLOW_ALL")  # values of list constraints that limit nothing
REMOVE = Fix(
    console="IAM & Admin > IAM > the principal > Edit: remove the role, or replace it with one that is needed.",
    cli="gcloud projects remove-iam-policy-binding PROJECT --member MEMBER --role ROLE",
    terraform='resource "google_project_iam_member" "this" { role = "roles/run.developer"  member = '
    '"group:developers@example.com" }',
)


@check(
    "gcp.iam.public_member",
    on=LEVELS,
    severity=Severity.CRITICAL,
    title="Project role bound to everyone",
    reads=(POLICY,),
    fix=REMOVE,
)
def public_member(level: Resource, estate: Estate) -> Iterator[Verdict]:
    """What the role allows, anyone may do with everything in there, now and with all that is made later."""
    for grant in open_to_everyone(level[POLICY], estate):
        yield failed(f"{grant.role} is held by {EVERYONE[grant.who]}{grant.words}", grant.member, grant.binding)
    yield passed("No role is bound to everyone", level[POLICY]["bindings"])


@check(
    "gcp.iam.basic_roles",
    on=LEVELS,
    severity=Severity.HIGH,
    title="Basic roles in use",
    reads=(POLICY,),
    fix=REMOVE,
)
def basic_roles(level: Resource, estate: Estate) -> Iterator[Verdict]:
    """Owner and Editor hold thousands of permissions: whoever takes over one such identity takes over the project."""
    for grant in grants(level[POLICY]):
        if grant.role in BASIC[:2] and not grant.over(estate.now) and not of_google(grant.who):
            severity = None if is_account(grant.who) or grant.who in EVERYONE else Severity.MEDIUM
            yield failed(f"{grant.who} holds {grant.role}{grant.words}", grant.member, grant.binding,
                         subject=f"{grant.who} {grant.role}", severity=severity)  # fmt: skip
    yield passed("Nobody else holds Owner or Editor", level[POLICY]["bindings"])


@check(
    "gcp.iam.external_member",
    on=LEVELS,
    severity=Severity.HIGH,
    title="Outside identity has access",
    reads=(POLICY,),
    joins=((ORGANIZATION, ORG),),
    fix=REMOVE,
)
def external_member(level: Resource, estate: Estate) -> Iterator[Verdict]:
    """Nobody in the company can lock such an account, ask it for a second factor, or sees when its owner leaves.

    Domains of the company are its organisation's own and those it calls trusted.
    """
    policy, unclear = level[POLICY], list[Gap]()
    for grant in grants(policy):
        kind, _, name = grant.who.partition(":")
        domain = name.rpartition("@")[2].lower()
        if kind not in PEOPLE or grant.over(estate.now) or domain in estate.trusted_accounts:
            continue
        try:
            outside = domain in PERSONAL or domain not in _domains(estate)
        except Unread as unread:
            unclear.extend(unread.gaps)
            continue
        if outside:
            yield failed(f"{grant.who} holds {grant.role}{grant.words}", grant.member, grant.binding, subject=grant.who)
    if unclear:
        raise Unread(*unclear)
    yield passed("Every other person, group and domain belongs to the company", policy["bindings"])


def _domains(estate: Estate) -> set[str]:
    """The organisation's own.  Raises Unread where there is none, too: then only its people know what is theirs."""
    found = {str(one[ORG].need("displayName").value).lower() for one in estate.all(ORGANIZATION)}
    if not found:
        code = "the project stands in no organisation, and no domain is trusted"
        raise Unread(Gap("cloudresourcemanager.organizations.get", "", State.SKIPPED, code, "global"))
    return found


@check(
    "gcp.iam.sa_impersonation_wide",
    on=LEVELS,
    severity=Severity.CRITICAL,
    title="Impersonation of every service account",
    reads=(POLICY,),
    joins=ROLES,
    fix=Fix(
        console="IAM & Admin > IAM: remove the role from the principal; Service accounts > the one that is meant >"
        " Permissions: grant it there.",
        cli="gcloud iam service-accounts add-iam-policy-binding EMAIL --member MEMBER --role"
        " roles/iam.serviceAccountTokenCreator",
        terraform='resource "google_service_account_iam_member" "this" { service_account_id ='
        ' google_service_account.this.name  role = "roles/iam.serviceAccountUser"  member ='
        ' "group:deploy@example.com" }',
    ),
)
def sa_impersonation_wide(level: Resource, estate: Estate) -> Iterator[Verdict]:
    """Whoever holds it becomes any service account below, the strongest and those not made yet included.

    Basic roles hold it as well, and are `gcp.iam.basic_roles`'s question.
    """
    policy, unclear = level[POLICY], list[Gap]()
    for grant in grants(policy):
        if grant.role in BASIC or grant.over(estate.now) or of_google(grant.who):
            continue
        try:
            held = permissions(grant.role, estate) & (BECOMES | {"iam.serviceAccounts.getOpenIdToken"})
        except Unread as unread:
            unclear.extend(unread.gaps)
            continue
        if held:
            sentence = f"{grant.who} holds {grant.role}, and with it {sorted(held)[0]} on every account{grant.words}"
            yield failed(sentence, grant.member, grant.binding, subject=f"{grant.who} {grant.role}")
    if unclear:
        raise Unread(*unclear)
    yield passed("Nobody else may become every service account", policy["bindings"])


@check(
    "gcp.iam.unused_permissions",
    on=PROJECT,
    severity=Severity.MEDIUM,
    title="Granted permissions not used",
    reads=(USED,),
    fix=Fix(
        console="IAM & Admin > IAM > Security insights: apply the recommendation.",
        cli="gcloud recommender recommendations list --project PROJECT --location global --recommender"
        " google.iam.policy.Recommender",
        terraform=REMOVE.terraform,
    ),
)
def unused_permissions(project: Resource, estate: Estate) -> Iterator[Verdict]:
    """Nobody would miss them, and an intruder would use them.  Google has watched their use for up to 90 days."""
    for one in project[USED]:
        overview, subtype = one["content"]["overview"], one["recommenderSubtype"]
        member, role = overview["member"].value, overview["removedRole"].value
        if one["stateInfo"]["state"].value == "ACTIVE" and subtype.value in ("REMOVE_ROLE", "REPLACE_ROLE"):
            what = "does not use" if subtype.value == "REMOVE_ROLE" else "uses only a part of"
            subject = f"{member} {role}" if member and role else one.need("name").text().rpartition("/")[2]
            yield failed(f"{member or 'A member'} {what} {role or 'a role'}", subtype, overview, subject=subject)
    yield passed("Google has no other recommendation to take a role away", project[USED])


@check(
    "gcp.org.constraints",
    on=PROJECT,
    severity=Severity.MEDIUM,
    title="Guard rails missing",
    reads=(EFFECTIVE,),
    fix=Fix(
        console="IAM & Admin > Organization policies > the constraint > Manage policy: enforce it, best at the"
        " organisation.",
        cli="gcloud org-policies set-policy policy.yaml",
        terraform='resource "google_org_policy_policy" "this" { name = "projects/PROJECT/policies/CONSTRAINT"  parent ='
        ' "projects/PROJECT"  spec { rules { enforce = "TRUE" } } }',
    ),
)
def constraints(project: Resource, estate: Estate) -> Iterator[Verdict]:
    """A guard rail stops the mistake before it is made, whoever makes it; a scan can only find it afterwards."""
    for constraint, policy in project.each(EFFECTIVE):
        rules = policy["spec"]["rules"]
        if rule := enforced(rules):
            yield passed(f"{constraint} is enforced", rule, subject=constraint)
        else:
            yield failed(f"{constraint} is not enforced", rules, subject=constraint)


def enforced(rules: Node) -> Node | None:
    """The rule that holds everywhere: of a boolean constraint one that enforces, of a list one that limits."""
    for rule in rules:
        if rule["condition"].present or rule["allowAll"].value is True:
            continue
        allowed = [one.value for one in rule["values"]["allowedValues"]]
        limits = bool(allowed) and not set(allowed) & set(WIDE)
        if rule["enforce"].value is True or rule["denyAll"].value is True or limits:
            return rule
    return None


@check(
    "gcp.logging.audit_config",
    on=PROJECT,
    severity=Severity.HIGH,
    title="Data access audit logs off",
    reads=(POLICY,),
    joins=((FOLDER, POLICY), (ORGANIZATION, POLICY)),
    fix=Fix(
        console="IAM & Admin > Audit Logs > Default configuration: Admin Read, Data Read and Data Write; no exempted"
        " principals.",
        cli="gcloud projects set-iam-policy PROJECT policy.yaml",
        terraform='resource "google_project_iam_audit_config" "this" { service = "allServices"  audit_log_config {'
        ' log_type = "ADMIN_READ" }  audit_log_config { log_type = "DATA_READ" }  audit_log_config { log_type ='
        ' "DATA_WRITE" } }',
    ),
)
def audit_config(project: Resource, estate: Estate) -> Iterator[Verdict]:
    """Without them nobody can say afterwards which data an intruder has read.  What is set above holds here, too."""
    found, exempt = dict[str, Node](), list[Node]()
    _recorded(project[POLICY], found, exempt)
    if not exempt and all(log in found for log in LOGS):
        yield passed("Reads and writes of data are recorded for every service", *found.values())
        return
    for level in levels(estate) if not exempt else ():
        if level.kind != PROJECT:
            _recorded(level[POLICY], found, exempt)
    missing = [log for log in LOGS if log not in found]
    if missing:
        yield failed(f"For every service nobody records {', '.join(missing)}", project[POLICY]["auditConfigs"])
    elif exempt:
        who = ", ".join(sorted({one.text() for one in exempt}))
        yield failed(f"What {who} does with data is not recorded", *exempt, severity=Severity.MEDIUM)
    else:
        yield passed("Reads and writes of data are recorded for every service", *found.values())


def _recorded(policy: Node, found: dict[str, Node], exempt: list[Node]) -> None:
    for config in policy["auditConfigs"]:
        for log in config["auditLogConfigs"]:
            if config["service"].value == "allServices":
                found.setdefault(str(log.need("logType").value), log)
                exempt.extend(log["exemptedMembers"])
