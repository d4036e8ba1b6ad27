"""Who learns of what happens in a project of Google Cloud: logs that leave it, alerts on grave changes, a contact.

Source of the changes: "CIS Google Cloud Platform Foundation Benchmark", section on logging and monitoring, and "Audit
log datatypes" (Cloud Logging), read 2026-11.  Limits: sinks of folders and of the organisation are not read; what a
filter says is read as text.
"""

from __future__ import annotations

from collections.abc import Iterator

from scanners.access.gcp import PROJECT
from scanners.checks.registry import Fix, check
from scanners.model import Node, Resource, Severity, Verdict, failed, passed
from scanners.model.estate import Estate

SINKS, METRICS = "projects.sinks.list", "projects.metrics.list"
ALERTS, CONTACTS = "projects.alertPolicies.list", "projects.contacts.compute"
GRAVE = {  # what changes → words that a filter for it has, one of them
    "ownership": ("ProjectOwnership", "roles/owner"),
    "audit configuration": ("auditConfigDeltas",),
    "custom roles": ("iam_role", "iam.admin.v1.CreateRole", "iam.roles.create"),
    "firewall rules": ("gce_firewall_rule", "compute.firewalls"),
    "bucket permissions": ("storage.setIamPermissions",),
}


@check(
    "gcp.logging.sink",
    on=PROJECT,
    severity=Severity.MEDIUM,
    title="Logs not exported",
    reads=(SINKS,),
    fix=Fix(
        console="Logging > Log router > Create sink: no inclusion filter, into a bucket of another project.",
        cli="gcloud logging sinks create everything storage.googleapis.com/BUCKET",
        terraform='resource "google_logging_project_sink" "everything" { destination ='
        ' "storage.googleapis.com/${google_storage_bucket.logs.name}" }',
    ),
)
def sink(project: Resource, estate: Estate) -> Iterator[Verdict]:
    """Logs that stay in the project end with it, and whoever owns it may delete them."""
    sinks = list(project[SINKS])
    whole = [one for one in sinks if not one["filter"].value and one["disabled"].value is not True]
    if whole:
        yield passed("A sink of its own exports every log", *whole)
    else:
        yield failed("No sink of its own exports every log", project[SINKS], *(one["filter"] for one in sinks))


@check(
    "gcp.logging.alerts",
    on=PROJECT,
    severity=Severity.MEDIUM,
    title="No alert on sensitive changes",
    reads=(METRICS, ALERTS),
    fix=Fix(
        console="Logging > Log-based metrics > Create metric, with the filter of the change; its menu > Create alert"
        " from metric, with a notification channel.",
        cli="gcloud logging metrics create NAME --log-filter FILTER; gcloud monitoring policies create"
        " --policy-from-file alert.json",
        terraform='resource "google_logging_metric" "owners" { name = "owners"  filter = "…" }',
    ),
)
def alerts(project: Resource, estate: Estate) -> Iterator[Verdict]:
    """Nobody notices that somebody made himself an owner, switched recording off or opened the network."""
    metrics, heard = project[METRICS], [one for one in project[ALERTS] if _heard(one)]
    for change, words in GRAVE.items():
        named = [one for one in metrics if _speaks(one["filter"], words) and one["disabled"].value is not True]
        proof = [one for one in heard if any(_watches(part, words, named) for part in one["conditions"])]
        if proof:
            yield passed(f"Somebody is told of changes of {change}", *proof, *named, subject=change)
        else:
            yield failed(f"Nobody is told of changes of {change}", metrics, project[ALERTS], *named, subject=change)


def _heard(alert: Node) -> bool:
    """Whether it is on, and somebody hears of it."""
    return alert["enabled"].value is not False and bool(alert["notificationChannels"].value)


def _watches(condition: Node, words: tuple[str, ...], metrics: list[Node]) -> bool:
    if _speaks(condition["conditionMatchedLog"]["filter"], words):
        return True
    asked = condition["conditionThreshold"]["filter"], condition["conditionMonitoringQueryLanguage"]["query"]
    names = tuple(f"logging.googleapis.com/user/{one.need('name').text()}" for one in metrics)
    return any(_names(one, names) for one in asked)


def _speaks(told: Node, words: tuple[str, ...]) -> bool:
    return isinstance(told.value, str) and any(word in told.value for word in words)


def _names(told: Node, names: tuple[str, ...]) -> bool:
    """Whether a metric is named whole: behind its name stands no more of one."""
    text = told.value if isinstance(told.value, str) else ""
    rests = (text.partition(name)[2][:1] for name in names if name in text)
    return any(not (rest.isalnum() or rest in ("_", "-", "/")) or not rest for rest in rests)


@check(
    "gcp.essential_contacts",
    on=PROJECT,
    severity=Severity.LOW,
    title="No security contact",
    reads=(CONTACTS,),
    fix=Fix(
        console="IAM & Admin > Essential Contacts > Add contact: a mailbox of a team, category Security.",
        cli="gcloud essential-contacts create --email EMAIL --notification-categories security --project PROJECT",
        terraform='resource "google_essential_contacts_contact" "security" { notification_category_subscriptions ='
        ' ["SECURITY"]  email = "EMAIL" }',
    ),
)
def essential_contacts(project: Resource, estate: Estate) -> Iterator[Verdict]:
    """When Google finds a leaked key or an attack it writes to nobody who acts on it."""
    reached = [one for one in project[CONTACTS] if one["validationState"].value != "INVALID"]
    named = [
        subscribed
        for one in reached
        for subscribed in one["notificationCategorySubscriptions"]
        if subscribed.value in ("SECURITY", "ALL")
    ]
    if named:
        yield passed("Somebody is told of what concerns security", *named)
    else:
        yield failed("Nobody is named for what concerns security", project[CONTACTS])
