"""Exports of logs, alerts on grave changes, and who is written to."""

from tests.core.cases import Cases
from tests.core.google import case, project

OWNERS = {"name": "owners", "filter": "x AND ProjectOwnership OR projectOwnerInvitee"}
ON_OWNERS = {"conditionThreshold": {"filter": 'metric.type="logging.googleapis.com/user/owners" AND y'}}


def sinks(*found):
    return case(project(**{"projects.sinks.list": list(found)}))


def alerts(metrics, *conditions, subject="ownership", **more):
    told = {"enabled": True, "notificationChannels": ["c"], "conditions": list(conditions), **more}
    sections = {"projects.metrics.list": list(metrics), "projects.alertPolicies.list": [told]}
    return case(project(**sections), subject=subject)


def query(text):
    return {"conditionMonitoringQueryLanguage": {"query": text}}


def contacts(*found):
    return case(project(**{"projects.contacts.compute": list(found)}))


def contact(*categories, state="VALID"):
    return {"notificationCategorySubscriptions": list(categories), "validationState": state}


CASES = {
    "gcp.logging.sink": Cases(
        fails=(sinks(), sinks({"name": "a", "filter": "severity>=ERROR"}), sinks({"name": "a", "disabled": True})),
        passes=(sinks({"name": "a"}), sinks({"name": "a", "filter": "x"}, {"name": "b", "filter": ""})),
    ),
    "gcp.logging.alerts": Cases(
        fails=(
            alerts([]),
            alerts([OWNERS]),
            alerts([OWNERS], ON_OWNERS, enabled=False),
            alerts([OWNERS], ON_OWNERS, notificationChannels=[]),
            alerts([{**OWNERS, "disabled": True}], ON_OWNERS),
            alerts([{**OWNERS, "filter": "severity=ERROR"}], ON_OWNERS),
            alerts([{**OWNERS, "name": "own"}], ON_OWNERS),
            alerts([OWNERS], ON_OWNERS, subject="firewall rules"),
            alerts([OWNERS], {"conditionMatchedLog": {"filter": "severity=ERROR"}}),
        ),
        passes=(
            alerts([OWNERS], ON_OWNERS),
            alerts([OWNERS], query("fetch x | metric 'logging.googleapis.com/user/owners'")),
            alerts([], {"conditionMatchedLog": {"filter": "storage.setIamPermissions"}}, subject="bucket permissions"),
        ),
    ),
    "gcp.essential_contacts": Cases(
        fails=(contacts(), contacts(contact("BILLING")), contacts(contact("SECURITY", state="INVALID"))),
        passes=(contacts(contact("SECURITY")), contacts(contact("BILLING"), contact("ALL"))),
    ),
}
