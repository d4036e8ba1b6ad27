"""Storage, vaults and databases of Azure."""

from tests.core.azure import at, case
from tests.core.cases import Cases

DENY, ALLOW = {"networkAcls": {"defaultAction": "Deny"}}, {"networkAcls": {"defaultAction": "Allow"}}
ALL_OF_AZURE = "0.0.0.0"  # noqa: S104
LATER, BEFORE = 1_800_000_000, 1_700_000_000


def storage(subject="", containers=None, **told):
    sections = {"blob_containers.list": [{"name": name, "properties": {"publicAccess": way}} for name, way in
                                         containers.items()]} if containers is not None else {}  # fmt: skip
    return case(at("Microsoft.Storage/storageAccounts", properties=told, **sections), subject=subject)


def vault(subject="", secrets=(), keys=(), **told):
    sections = {"secrets.list": [dated(*one) for one in secrets], "keys.list": [dated(*one) for one in keys]}
    return case(at("Microsoft.KeyVault/vaults", properties=told, **sections), subject=subject)


def dated(name, end=None, enabled=True):
    attributes = {"enabled": enabled, **({"exp": end} if end else {})}
    return {"name": name, "properties": {"attributes": attributes}}


def policy(**permissions):
    return {"enableRbacAuthorization": False, "accessPolicies": [{"objectId": "who", "permissions": permissions}]}


def sql(subject="", rules=None, administrators=({"name": "ActiveDirectory"},), auditing="Enabled", **told):
    spans = {"rule": rules} if rules else {}
    sections = {
        "firewall_rules.list_by_server": [
            {"name": name, "properties": {"startIpAddress": first, "endIpAddress": last}}
            for name, (first, last) in spans.items()
        ],
        "server_azure_ad_administrators.list_by_server": list(administrators),
        "server_blob_auditing_policies.get": {"properties": {"state": auditing}},
    }
    properties = {"minimalTlsVersion": "1.2", **told}
    return case(at("Microsoft.Sql/servers", properties=properties, **sections), subject=subject)


def cosmos(subject, **told):
    return case(at("Microsoft.DocumentDB/databaseAccounts", properties=told), subject=subject)


def ip(address):
    return {"ipRules": [{"ipAddressOrRange": address}]}


CASES = {
    "azure.storage.public": Cases(
        fails=(
            storage("open", {"open": "Blob"}, allowBlobPublicAccess=True),
            storage("open", {"open": "Container", "shut": "None"}, **DENY),
            storage("network", {}, **ALLOW),
            storage("network", {}),
        ),
        passes=(
            storage(allowBlobPublicAccess=False, **DENY),
            storage("", {"shut": "None"}, allowBlobPublicAccess=True),
            storage("", {"shut": None}, allowBlobPublicAccess=True),
            storage("network", {}, **DENY),
            storage("network", {}, publicNetworkAccess="Disabled", **ALLOW),
        ),
    ),
    "azure.storage.transport_keys": Cases(
        fails=(
            storage("https", supportsHttpsTrafficOnly=False),
            storage("https"),
            storage("tls", minimumTlsVersion="TLS1_0"),
            storage("tls"),
            storage("keys", allowSharedKeyAccess=True),
            storage("keys"),
            storage("key1", keyCreationTime={"key1": "2024-01-01T00:00:00Z"}),
        ),
        passes=(
            storage("https", supportsHttpsTrafficOnly=True),
            storage("tls", minimumTlsVersion="TLS1_2"),
            storage("keys", allowSharedKeyAccess=False, keyCreationTime={"key1": "2024-01-01T00:00:00Z"}),
            storage("key1", keyCreationTime={"key1": "2026-10-01T00:00:00.1234567Z", "key2": None}),
        ),
    ),
    "azure.keyvault.access": Cases(
        fails=(
            vault("network", **ALLOW),
            vault("network"),
            vault("rbac", enableRbacAuthorization=False),
            vault("rbac"),
            vault("who", **policy(secrets=["Get", "All"])),
        ),
        passes=(
            vault("network", **DENY),
            vault("network", publicNetworkAccess="disabled"),
            vault("rbac", enableRbacAuthorization=True),
        ),
    ),
    "azure.keyvault.recoverable": Cases(
        fails=(vault(), vault(enableSoftDelete=False, enablePurgeProtection=True), vault(enableSoftDelete=True)),
        passes=(vault(enablePurgeProtection=True), vault(enableSoftDelete=True, enablePurgeProtection=True)),
    ),
    "azure.keyvault.expiry": Cases(
        fails=(
            vault("secrets/a", [("a",)]),
            vault("keys/a", keys=[("a",)]),
            vault("secrets/a", [("a", BEFORE)]),
        ),
        passes=(
            vault(),
            vault("", [("a", LATER)], [("b", LATER)]),
            vault("secrets/a", [("a", LATER)]),
            vault("", [("off", None, False)]),
        ),
    ),
    "azure.sql.exposed": Cases(
        fails=(
            sql("rule", (ALL_OF_AZURE, "255.255.255.255")),
            sql("rule", (ALL_OF_AZURE, ALL_OF_AZURE)),
            sql("rule", ("128.0.0.0", "255.255.255.255")),
            sql("tls", minimalTlsVersion="1.1"),
            sql("tls", minimalTlsVersion=None),
            sql("tls", minimalTlsVersion="None"),
            sql("administrator", administrators=()),
            sql("auditing", auditing="Disabled"),
        ),
        passes=(
            sql(),
            sql("rule", ("198.51.100.0", "198.51.100.255")),
            sql("", (ALL_OF_AZURE, "255.255.255.255"), publicNetworkAccess="Disabled"),
            sql("tls", minimalTlsVersion="1.2"),
            sql("administrator"),
            sql("auditing"),
        ),
        unknown=(sql("", ("here", "there")),),
    ),
    "azure.cosmos.access": Cases(
        fails=(
            cosmos("network"),
            cosmos("network", publicNetworkAccess="Enabled", ipRules=[]),
            cosmos("network", **ip(ALL_OF_AZURE)),
            cosmos("network", **ip("0.0.0.0/0")),
            cosmos("keys"),
            cosmos("keys", disableLocalAuth=False),
        ),
        passes=(
            cosmos("network", publicNetworkAccess="Disabled"),
            cosmos("network", **ip("198.51.100.7")),
            cosmos("network", isVirtualNetworkFilterEnabled=True),
            cosmos("keys", disableLocalAuth=True),
        ),
    ),
}
