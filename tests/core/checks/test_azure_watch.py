"""What watches over a subscription, and what apps hold."""

from tests.core.azure import HOME, a_site, at, case, subscription
from tests.core.cases import ACCOUNT, Cases

NET = "Microsoft.Network"
SETTINGS = "web_apps.list_application_settings"


def vault(*logs, sink="workspaceId", enabled=True, key="category"):
    rows = [{key: one, "enabled": enabled} for one in logs]
    return case(
        at("Microsoft.KeyVault/vaults", **{"diagnostic_settings.list": [{"properties": {sink: "x", "logs": rows}}]})
    )


def network(*around, subnets=("apps",), guard=True):
    parts = [{"id": f"/nets/it/{one}", "properties": {"networkSecurityGroup": {"id": f"/nsg/{one}"}} if guard else {}}
             for one in subnets]  # fmt: skip
    return case(at(f"{NET}/virtualNetworks", properties={"subnets": parts}), *around)


IT = at(f"{NET}/virtualNetworks").ref


def log(target=IT, enabled=True, days=90, on=True, name="log"):
    told = {"targetResourceId": target, "enabled": enabled, "retentionPolicy": {"days": days, "enabled": on}}
    return at(f"{NET}/networkWatchers/flowLogs", name, properties=told)


WRITE = f"{NET}/networkSecurityGroups/write"


def alert(operation=WRITE, *more, **told):
    asked = [{"field": "category", "equals": "Administrative"}, {"field": "operationName", "equals": operation}, *more]
    rule = {"scopes": [HOME.upper()], "enabled": True, "condition": {"allOf": asked},
            "actions": {"actionGroups": [{"actionGroupId": "x"}]}, **told}  # fmt: skip
    return alerts({"properties": rule})


def alerts(*rules):
    it = subscription(**{"activity_log_alerts.list_by_subscription_id": list(rules)})
    it.documents["resource"]["subscriptionId"] = ACCOUNT
    return case(it, subject=WRITE)


def contact(subject, **told):
    return case(subscription(**{"security_contacts.list": [{"properties": told}] if told else []}), subject=subject)


def site(settings=None, tags=None, config=None, **properties):
    made = a_site(**properties)
    if tags:
        made.documents["resource"]["tags"] = tags
    made.documents[SETTINGS].update(settings or {})
    made.documents["web_apps.get_configuration"]["properties"].update(config or {})
    return case(made)


PARTNER = {"exposure": "partner"}
KEPT = {"secret": None, "digest": "d"}


def container(subject="", identity=True, **variables):
    body = {"variables": {"main": variables}, "identity": {"system": "x"} if identity else {}}
    return case(at("Microsoft.App/containerApps", body=body), subject=subject)


def cluster(subject, **told):
    return case(at("Microsoft.ContainerService/managedClusters", properties=told), subject=subject)


def security(**told):
    return {"securityProfile": told}


CASES = {
    "azure.keyvault.logging": Cases(
        fails=(vault(), vault("AuditEvent", enabled=False), vault("AzurePolicy"), vault("AuditEvent", sink="name")),
        passes=(vault("AuditEvent"), vault("audit", key="categoryGroup"), vault("allLogs", key="categoryGroup")),
    ),
    "azure.network.flow_logs": Cases(
        fails=(
            network(),
            network(log(enabled=False)),
            network(log("/other")),
            network(log(days=30)),
            network(log("/nsg/apps"), subnets=("apps", "stores")),
            network(log("/nsg/apps"), guard=False),
            network(subnets=()),
        ),
        passes=(
            network(log()),
            network(log(IT.upper())),
            network(log(days=0)),
            network(log(days=365)),
            network(log(days=30, on=False)),
            network(log("/nsg/apps")),
            network(log("/nets/it/apps"), log("/nsg/stores", name="two"), subnets=("apps", "stores")),
        ),
    ),
    "azure.monitor.alerts": Cases(
        fails=(
            alerts(),
            alert(f"{NET}/networkSecurityGroups/delete"),
            alert(enabled=False),
            alert(scopes=[f"{HOME}/resourceGroups/shop"]),
            alert(actions={"actionGroups": []}),
            alert(WRITE, {"field": "status", "equals": "Failed"}),
        ),
        passes=(alert(), alert(WRITE.lower())),
    ),
    "azure.defender.contact": Cases(
        fails=(
            contact("address"),
            contact("address", emails=""),
            contact("owners", notificationsByRole={"state": "Off", "roles": ["Owner"]}),
            contact("owners", notificationsByRole={"state": "On", "roles": ["Contributor"]}),
            contact("alerts", alertNotifications={"state": "Off"}),
        ),
        passes=(
            contact("address", emails="a@b.example"),
            contact("owners", notificationsByRole={"state": "On", "roles": ["Owner"]}),
            contact("alerts", alertNotifications={"state": "On", "minimalSeverity": "High"}),
        ),
    ),
    "azure.app.client_cert": Cases(
        fails=(site(tags=PARTNER), site(tags=PARTNER, clientCertEnabled=True, clientCertMode="Optional")),
        passes=(site(tags=PARTNER, clientCertEnabled=True, clientCertMode="Required"),
                site(tags=PARTNER, clientCertEnabled=True)),
        neutral=(site(), site(tags={"exposure": "internal"})),
    ),
    "azure.app.remote_debug": Cases(
        fails=(site(config={"remoteDebuggingEnabled": True}),),
        passes=(site(), site(config={"remoteDebuggingEnabled": False})),
    ),
    "azure.app.vnet": Cases(
        fails=(site(), site(virtualNetworkSubnetId="/s"), site(config={"vnetRouteAllEnabled": True})),
        passes=(site(virtualNetworkSubnetId="/s", config={"vnetRouteAllEnabled": True}),),
    ),
    "azure.function.storage_keys": Cases(
        fails=(site({"AzureWebJobsStorage": {"secret": "Connection string with a key", "digest": "d"}}),),
        passes=(
            site({"AzureWebJobsStorage__accountName": KEPT}),
            site({"AzureWebJobsStorage": {**KEPT, "reference": True}}),
            site(),
        ),
    ),
    "azure.containerapp.identity_secret": Cases(
        fails=(container(KEY={"secret": "Stripe key", "digest": "d"}), container("identity", identity=False)),
        passes=(container(KEY=KEPT), container(KEY={**KEPT, "reference": True}), container(), container("identity")),
    ),
    "azure.aks.hardening": Cases(
        fails=(
            cluster("network"),
            cluster("network", networkProfile={"networkPolicy": "none"}),
            cluster("identity"),
            cluster("secrets", **security(azureKeyVaultKms={"enabled": False})),
            cluster("defender"),
            cluster("upgrades", autoUpgradeProfile={"upgradeChannel": "none"}),
        ),
        passes=(
            cluster("network", networkProfile={"networkPolicy": "calico"}),
            cluster("identity", **security(workloadIdentity={"enabled": True})),
            cluster("secrets", **security(azureKeyVaultKms={"enabled": True})),
            cluster("defender", **security(defender={"securityMonitoring": {"enabled": True}})),
            cluster("upgrades", autoUpgradeProfile={"upgradeChannel": "patch"}),
        ),
    ),
}  # fmt: skip
