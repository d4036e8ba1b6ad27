"""Who is told when something happens in a project: exports of its logs, metrics and alerts on them, contacts.

Of contacts no address is kept.  Limits: sinks of folders and of the organisation, which may take a project's logs as
well, are not read.
"""

from __future__ import annotations

from scanners.collectors.cloud import Detail
from scanners.collectors.gcp.words import PAGE, PROJECT, ask, keep

SINKS = ask("logging", "projects.sinks.list", "logging.sinks.list", items="sinks", params={"pageSize": PAGE})
METRICS = ask("logging", "projects.metrics.list", "logging.logMetrics.list", items="metrics", params={"pageSize": PAGE})
ALERTS = ask(
    "monitoring",
    "projects.alertPolicies.list",
    "monitoring.alertPolicies.list",
    items="alertPolicies",
    params={"pageSize": PAGE},
)
CONTACTS = ask(
    "essentialcontacts",
    "projects.contacts.compute",
    "essentialcontacts.contacts.get",
    items="contacts",
    params={"notificationCategories": ["SECURITY"], "pageSize": 100},
)
DETAILS = (
    Detail(SINKS, bind=lambda project: {"parent": PROJECT}, shape=keep("name", "destination", "filter", "disabled")),
    Detail(METRICS, bind=lambda project: {"parent": PROJECT}, shape=keep("name", "filter", "disabled")),
    Detail(
        ALERTS,
        bind=lambda project: {"name": PROJECT},
        shape=keep(
            "name",
            "enabled",
            "notificationChannels",
            "conditions.conditionThreshold.filter",
            "conditions.conditionMatchedLog.filter",
            "conditions.conditionMonitoringQueryLanguage.query",
        ),
    ),
    Detail(
        CONTACTS,
        bind=lambda project: {"parent": PROJECT},
        shape=keep("name", "notificationCategorySubscriptions", "validationState"),
    ),
)
