"""What stands in front of Function Apps and Container Apps, and what their identities reach, thing by thing."""

from __future__ import annotations

import pytest

from scanners.access.azure.actions import gathered
from scanners.access.azure.doors import CONFIG, FUNCTIONS, SIGN_IN
from scanners.access.azure.engine import AzureEngine
from scanners.access.azure.principals import IDENTITY
from scanners.access.explorer import Answer, Principal
from scanners.graph.azure.fronts import fronts
from scanners.graph.azure.reach import STORES, VAULT, reach
from tests.core.azure import (
    HOME,
    ME,
    OTHER,
    SHOP,
    TEAM,
    a_site,
    at,
    case,
    denies,
    group,
    holds,
    principal,
    role,
    subscription,
)
from tests.core.cases import without

APP, STORAGE = "Microsoft.App/containerApps", "Microsoft.Storage/storageAccounts"
WORKER = "eeee"
KEY = "a key of the function or its app"
SIGNED_IN = {"platform": {"enabled": True}, "globalValidation": {
    "requireAuthentication": True, "unauthenticatedClientAction": "Return401"}}  # fmt: skip
OFFICE = [{"ipAddress": "198.51.100.0/24", "action": "Allow", "priority": 100}]
NAMED = "from named networks or private ways only"


def site(level="function", *, config=None, sign_in=None, functions=None, **properties):
    made = a_site(level=level, defaultHostName="orders.azurewebsites.net", **properties)
    sections = dict(made.documents)
    sections[CONFIG] = {"properties": {**sections[CONFIG]["properties"], **(config or {})}}
    if sign_in:
        sections[SIGN_IN] = {"properties": sign_in}
    if functions is not None:
        sections[FUNCTIONS] = functions
    made.documents.update(sections)
    return made


def told(shown, *around):
    engine = AzureEngine(case(shown, subscription(), *around).estate())
    found, gaps = fronts(engine, shown)
    return [(one.what, one.name, one.detail, one.asks, one.open) for one in found], gaps


HTTP = [
    # the site,                                                  from where, who,                             open
    (site("anonymous"), "", "anyone: it asks for no key", True),
    (site("function"), "", f"callers with {KEY}", False),
    (site("admin"), "", "callers with the master key", False),
    (site("anonymous", sign_in=SIGNED_IN), "", "callers who have signed in with the platform", False),
    (site("function", sign_in=SIGNED_IN), "", f"callers who have signed in with the platform, with {KEY}", False),
    (site("anonymous", config={"ipSecurityRestrictions": OFFICE}), NAMED, "anyone: it asks for no key", False),
    (site("anonymous", publicNetworkAccess="Disabled"), NAMED, "anyone: it asks for no key", False),
]


@pytest.mark.parametrize(("shown", "where", "asks", "is_open"), HTTP)
def test_a_function_lets_in_whom_all_doors_leave(shown, where, asks, is_open):
    (_, front), gaps = told(shown)

    assert front == ("HTTP function", "take", where, asks, is_open)
    assert gaps == []


def test_host_names_of_ones_own_stand_beside_the_default_one():
    found, _ = told(site(hostNames=["orders.azurewebsites.net", "api.shop.example"], httpsOnly=False))

    assert [front[:3] for front in found[:2]] == [
        ("Host name", "orders.azurewebsites.net", "answers plain HTTP as well"),
        ("Custom domain", "api.shop.example", "answers plain HTTP as well"),
    ]


TRIGGERS = [
    ({"type": "queueTrigger", "queueName": "orders"}, ("Trigger (queue)", "orders")),
    ({"type": "serviceBusTrigger", "topicName": "orders"}, ("Trigger (servicebus)", "orders")),
    ({"type": "blobTrigger", "path": "in/{name}"}, ("Trigger (blob)", "in/{name}")),
    ({"type": "eventGridTrigger"}, ("Trigger (eventgrid)", "ship")),
    ({"type": "timerTrigger"}, ("Trigger (timer)", "ship")),
]


@pytest.mark.parametrize(("binding", "expected"), TRIGGERS)
def test_a_trigger_names_what_it_listens_to_where_that_was_told(binding, expected):
    out = {"type": "queue", "queueName": "out"}  # where it writes is no way in
    shown = site(functions=[{"name": "ship", "isDisabled": False, "bindings": [binding, out]}])

    (_, front), _ = told(shown)

    assert front[:2] == expected
    assert not front[4]


def test_a_function_that_is_disabled_is_switched_off():
    binding = {"type": "httpTrigger", "authLevel": "anonymous", "methods": ["get"], "route": "x"}
    shown = site(functions=[{"name": "old", "isDisabled": True, "bindings": [binding]}])
    engine = AzureEngine(case(shown, subscription()).estate())

    (_, found), _ = fronts(engine, shown)

    assert found.off
    assert found.detail == "GET, /x"


@pytest.mark.parametrize(
    ("section", "words"),
    [
        (CONFIG, "from where is not known"),
        (SIGN_IN, "what the platform asks is not known"),
    ],
)
def test_a_door_that_was_not_read_is_not_an_open_one_nor_a_shut_one(section, words):
    found, gaps = told(without(site("anonymous"), section, section))

    assert all(words in f"{front[2]} {front[3]}" for front in found)
    assert not any(front[4] for front in found)
    assert gaps == [f"{section} was not read (AccessDenied)"]


def test_functions_that_were_not_read_are_told():
    found, gaps = told(without(site(), FUNCTIONS, FUNCTIONS))

    assert [front[0] for front in found] == ["Host name"]
    assert gaps == [f"{FUNCTIONS} was not read (AccessDenied)"]


def app(**ingress):
    return at(APP, "it", properties={"configuration": {"ingress": ingress} if ingress else {}})


NETWORKS = [{"name": "office", "ipAddressRange": "198.51.100.0/24", "action": "Allow"}]
ITSELF = "the code asks for itself"
INGRESSES = [
    (app(external=True), [("Ingress", "it", "", ITSELF, True)]),
    (app(external=True, fqdn="it.example"), [("Ingress", "it.example", "", ITSELF, True)]),
    (app(external=False), [("Ingress", "it", "from its environment only", ITSELF, False)]),
    (
        app(external=True, ipSecurityRestrictions=NETWORKS),
        [("Ingress", "it", "from named networks only", ITSELF, False)],
    ),
    (
        app(external=True, clientCertificateMode="require"),
        [("Ingress", "it", "", "callers with a certificate", False)],
    ),
    (
        app(external=True, fqdn="it.example", customDomains=[{"name": "api.shop.example"}], allowInsecure=True),
        [
            ("Ingress", "it.example", "answers plain HTTP as well", ITSELF, True),
            ("Custom domain", "api.shop.example", "answers plain HTTP as well", ITSELF, True),
        ],
    ),
    (app(), []),
]


@pytest.mark.parametrize(("shown", "expected"), INGRESSES)
def test_an_ingress_says_from_where(shown, expected):
    assert told(shown) == (expected, [])


@pytest.mark.parametrize("odd", [[], 7, "x", {"a": []}, [7], [{"bindings": 7}]])
def test_odd_documents_are_no_crash(odd):
    for shown in (site(functions=odd), site(sign_in=odd or None), site(hostNames=odd), app(customDomains=odd),
                  site(config={"ipSecurityRestrictions": odd}),
                  site(config={"ipSecurityRestrictions": [{"priority": odd}]})):  # fmt: skip
        told(shown)


# what it reaches


def reached(*around, unread=()):
    shown = a_site(identity=WORKER)
    engine = AzureEngine(case(shown, subscription(), *around, unread=frozenset(unread)).estate())
    found = reach(engine, shown, Principal(WORKER, "orders", "system-assigned identity"))
    return {(one.name, touch.verb): touch for one in found.things for touch in one.touches}, found


def mine(*actions, data=False, scope=HOME):
    held = role("Mine", [] if data else list(actions), data={"dataActions": list(actions)} if data else {})
    return held, holds(WORKER, "Mine", scope)


def everything():
    for kind, asks in STORES.items():
        for verb, actions in asks.verbs.items():
            for action in actions:
                yield kind, verb, action


@pytest.mark.parametrize(("kind", "verb", "action"), list(everything()))
def test_each_action_stands_for_its_verb_and_no_other(kind, verb, action):
    thing = at(kind, "thing", properties={"enableRbacAuthorization": True})
    data = gathered(()).planes(action) == (True,)

    found, _ = reached(thing, *mine(action, data=data))
    nothing, _ = reached(thing)

    assert {one: touch.answer for (name, one), touch in found.items() if name == "thing"} == {verb: Answer.ALLOWED}
    assert not nothing


KEYS = [
    (STORAGE, "listKeys/action", {}, {"read", "write", "delete"}),
    (STORAGE, "listKeys/action", {"allowSharedKeyAccess": False}, set()),
    ("Microsoft.ServiceBus/namespaces", "authorizationRules/listkeys/action", {}, {"read", "write", "delete"}),
    ("Microsoft.ServiceBus/namespaces", "authorizationRules/listkeys/action", {"disableLocalAuth": True}, set()),
    ("Microsoft.DocumentDB/databaseAccounts", "listKeys/action", {}, {"read", "write", "delete"}),
    ("Microsoft.DocumentDB/databaseAccounts", "listKeys/action", {"disableLocalAuth": True}, set()),
]


@pytest.mark.parametrize(("kind", "action", "properties", "verbs"), KEYS)
def test_who_may_list_keys_does_what_keys_do_unless_they_are_off(kind, action, properties, verbs):
    found, _ = reached(at(kind, "thing", properties=properties), *mine(f"{kind}/{action}"))

    assert {verb for _, verb in found} == verbs


def vault(*policies, roles=None):
    told = [{"objectId": who, "permissions": {"secrets": list(held)}} for who, *held in policies]
    return at(VAULT, "thing", properties={"enableRbacAuthorization": roles, "accessPolicies": told})


POLICIES = [
    (vault((WORKER, "get")), {"read": Answer.ALLOWED}),
    (vault((WORKER, "Get", "List"), ("aaaa", "all")), {"read": Answer.ALLOWED}),
    (vault((WORKER, "all")), {"read": Answer.ALLOWED, "write": Answer.ALLOWED, "delete": Answer.ALLOWED}),
    (vault((WORKER, "list")), {}),
    (vault((ME, "all")), {}),  # another principal
    (vault((TEAM, "set")), {"write": Answer.ALLOWED}),  # a group that it is in
    (vault(("dddd", "set")), {}),  # a group that it is not in
    (vault(("0000", "get")), {"read": Answer.UNKNOWN}),  # nobody told what that is
    (vault((WORKER, "get"), roles=True), {}),  # roles decide, and it has none
]


@pytest.mark.parametrize(("thing", "expected"), POLICIES)
def test_a_vault_is_opened_by_its_policies_or_by_roles(thing, expected):
    found, _ = reached(thing, principal(ME), group(TEAM, WORKER))

    assert {verb: touch.answer for (_, verb), touch in found.items()} == expected


def test_roles_on_data_open_no_vault_that_has_policies_of_its_own():
    found, _ = reached(vault(), *mine(f"{VAULT}/secrets/getSecret/action", data=True))

    assert found == {}


def test_what_decides_stands_beside_and_a_denial_takes_it_away():
    action = f"{STORAGE}/blobServices/containers/blobs/read"
    thing = at(STORAGE, "thing")
    _, held = reached(thing, *mine(action, data=True))
    keys = f"{STORAGE}/listKeys/action"
    denied, _ = reached(thing, *mine(keys), denies(WORKER, keys))

    assert [said.by for one in held.things for said in one.said] == [("Mine",)]
    assert denied == {}


def test_a_role_on_one_container_is_a_condition():
    action = f"{STORAGE}/blobServices/containers/blobs/read"
    inside = f"{SHOP}/providers/{STORAGE}/thing/blobServices/default/containers/photos"

    found, _ = reached(at(STORAGE, "thing"), *mine(action, data=True, scope=inside))

    assert found["thing", "read"].answer is Answer.IF
    assert found["thing", "read"].condition


def test_what_was_not_read_is_unknown_or_told():
    unknown, found = reached(at(STORAGE, "thing"), unread=("Microsoft.Authorization/roleAssignments",))
    _, unlisted = reached(unread=(STORAGE,))

    assert unknown["thing", "read"].answer is Answer.UNKNOWN
    assert found.doubts
    assert unlisted.unread == [f"service.List{STORAGE} was not read (AccessDenied)"]


def test_an_identity_does_not_become_itself():
    def given(name, who):
        return at(IDENTITY, name, properties={"principalId": who})

    found, _ = reached(given("own", WORKER.upper()), given("other", OTHER),
                       *mine(f"{IDENTITY}/federatedIdentityCredentials/write"))  # fmt: skip

    assert set(found) == {("other", "become")}
