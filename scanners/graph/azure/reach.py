"""What an identity can do to the things of a subscription: by roles, by keys it is handed, by policies of vaults.

A vault is opened by roles or by its own access policies, never by both ("Azure role-based access control vs. access
policies", Key Vault documentation, read 2026-11).  Who may list the keys of an account of storage, a bus or a database
does with them whatever its data allow, unless keys are switched off.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

from scanners.access.azure.engine import AzureEngine
from scanners.access.azure.principals import IDENTITY
from scanners.access.azure.rights import RESOURCE
from scanners.access.explorer import Answer, Decided, Principal, Via, Written
from scanners.graph.reach import Reach
from scanners.graph.reaching import Asking, Store, reach_by
from scanners.model import Node, Resource, Unread

_DATA = "Microsoft.Storage/storageAccounts"
_BLOBS, _FILES = f"{_DATA}/blobServices/containers/blobs", f"{_DATA}/fileServices/fileshares/files"
_MESSAGES, _ENTITIES = f"{_DATA}/queueServices/queues/messages", f"{_DATA}/tableServices/tables/entities"
VAULT, _COSMOS = "Microsoft.KeyVault/vaults", "Microsoft.DocumentDB/databaseAccounts"
_SQL, _SITE, _REGISTRY = "Microsoft.Sql/servers", "Microsoft.Web/sites", "Microsoft.ContainerRegistry/registries"
_APP = "Microsoft.App/containerApps"
_KEYLESS = ("properties/disableLocalAuth", True)
# What opens a vault's data by its access policies: action → (of what, the permissions that are enough).
OPENS: Mapping[str, tuple[str, frozenset[str]]] = {
    f"{VAULT}/secrets/getSecret/action": ("secrets", frozenset({"get"})),
    f"{VAULT}/keys/decrypt/action": ("keys", frozenset({"decrypt"})),
    f"{VAULT}/keys/unwrap/action": ("keys", frozenset({"unwrapkey"})),
    f"{VAULT}/secrets/setSecret/action": ("secrets", frozenset({"set"})),
    f"{VAULT}/keys/create/action": ("keys", frozenset({"create", "import"})),
    f"{VAULT}/secrets/delete": ("secrets", frozenset({"delete", "purge"})),
    f"{VAULT}/keys/delete": ("keys", frozenset({"delete", "purge"})),
}
DENIED = Decided(Answer.DENIED, Answer.DENIED, blocked_by="access policies")


def _messages(kind: str) -> Store:
    return Store(
        {
            "read": (f"{kind}/messages/receive/action",),
            "write": (f"{kind}/messages/send/action",),
            "delete": (f"{kind}/delete",),
        },
        (f"{kind}/authorizationRules/listkeys/action",),
        _KEYLESS,
    )


STORES: Mapping[str, Store] = {
    _DATA: Store(
        {
            "read": (f"{_BLOBS}/read", f"{_FILES}/read", f"{_MESSAGES}/read", f"{_ENTITIES}/read"),
            "write": (f"{_BLOBS}/write", f"{_BLOBS}/add/action", f"{_FILES}/write", f"{_MESSAGES}/add/action",
                      f"{_MESSAGES}/write", f"{_ENTITIES}/write", f"{_ENTITIES}/add/action"),
            "delete": (f"{_BLOBS}/delete", f"{_FILES}/delete", f"{_MESSAGES}/delete", f"{_ENTITIES}/delete",
                       f"{_DATA}/delete"),
        },
        (f"{_DATA}/listKeys/action",),
        ("properties/allowSharedKeyAccess", False),
    ),
    VAULT: Store({
        "read": (f"{VAULT}/secrets/getSecret/action", f"{VAULT}/keys/decrypt/action", f"{VAULT}/keys/unwrap/action"),
        "write": (f"{VAULT}/secrets/setSecret/action", f"{VAULT}/keys/create/action"),
        "delete": (f"{VAULT}/secrets/delete", f"{VAULT}/keys/delete", f"{VAULT}/delete"),
    }),
    _SQL: Store(
        {
            "read": (f"{_SQL}/databases/export/action",),
            "write": (f"{_SQL}/administrators/write",),
            "delete": (f"{_SQL}/databases/delete", f"{_SQL}/delete"),
        },
        beyond="users and rights inside SQL databases",
    ),
    _COSMOS: Store(
        {"read": (f"{_COSMOS}/readonlykeys/action",), "write": (f"{_COSMOS}/sqlRoleAssignments/write",),
         "delete": (f"{_COSMOS}/delete",)},
        (f"{_COSMOS}/listKeys/action",),
        _KEYLESS,
        beyond="roles inside Cosmos DB",
    ),
    "Microsoft.ServiceBus/namespaces": _messages("Microsoft.ServiceBus/namespaces"),
    "Microsoft.EventHub/namespaces": _messages("Microsoft.EventHub/namespaces"),
    _REGISTRY: Store({
        "read": (f"{_REGISTRY}/pull/read", f"{_REGISTRY}/repositories/content/read"),
        "write": (f"{_REGISTRY}/push/write", f"{_REGISTRY}/repositories/content/write"),
        "delete": (f"{_REGISTRY}/repositories/content/delete", f"{_REGISTRY}/delete"),
    }),
    _SITE: Store({
        "invoke": (),
        "write": (f"{_SITE}/write", f"{_SITE}/publish/action", f"{_SITE}/functions/write"),
        "delete": (f"{_SITE}/delete",),
    }),
    _APP: Store({"write": (f"{_APP}/write",), "delete": (f"{_APP}/delete",)}),
    IDENTITY: Store({
        "become": (f"{IDENTITY}/federatedIdentityCredentials/write",),
        "attach": (f"{IDENTITY}/assign/action",),
    }),
}  # fmt: skip
BEYOND = ("PostgreSQL, MySQL, Redis and other subscriptions",)


def reach(engine: AzureEngine, function: Resource, who: Principal) -> Reach:
    own = {row.ref for row in _identities(engine) if _is(row, who)}
    stores = {**STORES, VAULT: Store(STORES[VAULT].verbs, own=partial(_by_policies, engine))}
    return reach_by(Asking(engine, engine.estate, who, own | {function.ref}), stores, BEYOND)


def _identities(engine: AzureEngine) -> Iterator[Resource]:
    try:
        yield from engine.estate.all(IDENTITY)
    except Unread:
        return


def _is(row: Resource, who: Principal) -> bool:
    try:
        return str(row[RESOURCE]["properties"]["principalId"].value).casefold() == who.ref.casefold()
    except Unread:
        return False


def _by_policies(engine: AzureEngine, vault: Resource, who: Principal) -> dict[str, Decided]:
    """What the access policies of a vault decide; nothing where roles do."""
    try:
        told = vault[RESOURCE]["properties"]
        if told["enableRbacAuthorization"].value is True:
            return {}
        policies = [(one, one.need("objectId").text().casefold(), _permits(one)) for one in told["accessPolicies"]]
    except Unread as unread:
        why = tuple(f"{gap.call} was not read ({gap.code})" for gap in unread.gaps)
        return dict.fromkeys(OPENS, Decided(Answer.UNKNOWN, Answer.DENIED, unknown_because=why))
    names = set(engine.standing.of(who.ref.casefold()))
    found = dict[str, Decided]()
    for action, wanted in OPENS.items():
        giving = [(one, whose) for one, whose, permits in policies if _opens(permits, wanted)]
        found[action] = _decided(engine, giving, names)
    return found


def _permits(policy: Node) -> dict[str, frozenset[str]]:
    held = policy["permissions"]
    return {of: frozenset(one.text().casefold() for one in held[of]) for of in ("secrets", "keys")}


def _opens(permits: Mapping[str, frozenset[str]], wanted: tuple[str, frozenset[str]]) -> bool:
    return bool(permits[wanted[0]] & (wanted[1] | {"all"}))


def _decided(engine: AzureEngine, giving: list[tuple[Node, str]], names: set[str]) -> Decided:
    """Of somebody whom nobody knows it may be a group that the identity is in."""
    if mine := [one for one, whose in giving if whose in names]:
        vias = tuple(Via("access policies", "Allow", _written(one), "access policy") for one in mine)
        return Decided(Answer.ALLOWED, Answer.ALLOWED, vias)
    unknown = [whose for _, whose in giving if _may_be_a_group(engine, whose)]
    if unknown:
        why = tuple(f"who is meant by {whose} in an access policy was not read" for whose in dict.fromkeys(unknown))
        return Decided(Answer.UNKNOWN, Answer.DENIED, unknown_because=why)
    return DENIED


def _written(policy: Node) -> Written:
    return Written("an access policy of the vault", policy.value, policy.ref, policy.pointer.lstrip("/"))


def _may_be_a_group(engine: AzureEngine, whose: str) -> bool:
    known = engine.everybody.by_ref.get(whose)
    if known is None or known.kind == "principal":
        return True
    return known.kind == "group" and whose in engine.standing.closed
