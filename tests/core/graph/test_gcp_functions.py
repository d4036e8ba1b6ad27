"""What stands in front of functions and services of Google Cloud, and what their accounts reach, thing by thing."""

from __future__ import annotations

import pytest

from scanners.access.explorer import Answer
from scanners.access.gcp.kinds import BUCKET, FUNCTION, SERVICE
from scanners.graph.gcp.fronts import SUBSCRIPTION, TOPIC, fronts
from scanners.graph.gcp.reach import STORES, reach
from tests.core.access.google_worlds import (
    ACCOUNTS,
    API,
    APP,
    BOT,
    DB,
    LOCK,
    OLD,
    PHOTOS,
    PLANS,
    account,
    denies,
    deny,
    home,
    policy,
    resource,
    role,
    store,
    world,
)
from tests.core.cases import refused

HTTPS = "https://api-1.run.app"
ORDERS = "projects/shop/topics/orders"
ROBOT = f"serviceAccount:{APP}"
ANYONE = policy(("roles/run.invoker", "allUsers"))
PUBLISHER = role("roles/pubsub.publisher", "pubsub.topics.publish pubsub.topics.delete")


def service(allowed=None, ingress="INGRESS_TRAFFIC_ALL", **body):
    told = {"uri": HTTPS, "ingress": ingress, "template": {"serviceAccount": APP}, **body}
    return store(SERVICE, API, allowed, **told)


def function(allowed=None, generation="GEN_1", uri="https://eu-shop.cloudfunctions.net/old", **body):
    config = {"uri": uri, "ingressSettings": "ALLOW_ALL", "serviceAccountEmail": APP, **body.pop("config", {})}
    return store(FUNCTION, OLD, allowed, environment=generation, serviceConfig=config, **body)


def topic(allowed=None):
    return store(TOPIC, f"//pubsub.googleapis.com/{ORDERS}", allowed)


def pushed(to, **more):
    return store(SUBSCRIPTION, "//pubsub.googleapis.com/projects/shop/subscriptions/s", topic=ORDERS,
                 pushConfig={"pushEndpoint": to, **more})  # fmt: skip


def told(shown, *around, unread=()):
    found, gaps = fronts(world(PUBLISHER, *around, shown, unread=unread), shown)
    return [(one.what, one.name, one.detail, one.asks, one.open) for one in found], gaps


IAM, FREE = "callers whom IAM allows it", "anyone: nobody is asked who they are"
INSIDE = "from the project's networks only"
ADDRESSES = [
    (service(), ("URL", HTTPS, "", IAM, False)),
    (service(ANYONE), ("URL", HTTPS, "", FREE, True)),
    (
        service(policy(("roles/run.invoker", "allAuthenticatedUsers"))),
        ("URL", HTTPS, "", "anyone with a Google account", False),
    ),
    (service(invokerIamDisabled=True), ("URL", HTTPS, "", FREE, True)),
    (service(ANYONE, "INGRESS_TRAFFIC_INTERNAL_ONLY"), ("URL", HTTPS, INSIDE, FREE, False)),
    (service(ANYONE, "NEW"), ("URL", HTTPS, "from where is not known: ingress NEW", FREE, False)),
    (service(ANYONE, iapEnabled=True), ("URL", HTTPS, "Identity-Aware Proxy asks first", FREE, False)),
    (
        function(policy(("roles/cloudfunctions.invoker", "allUsers"))),
        ("URL", "https://eu-shop.cloudfunctions.net/old", "", FREE, True),
    ),
    (
        function(config={"securityLevel": "SECURE_OPTIONAL"}),
        ("URL", "https://eu-shop.cloudfunctions.net/old", "answers plain HTTP as well", IAM, False),
    ),
]


@pytest.mark.parametrize(("shown", "front"), ADDRESSES)
def test_an_address_says_from_where_and_who(shown, front):
    assert told(shown) == ([front], [])


def test_an_address_that_is_switched_off_says_so():
    shown = service(ANYONE, defaultUriDisabled=True)

    (found,), _ = fronts(world(shown), shown)

    assert found.off


def test_a_policy_that_was_not_read_leaves_it_open_who_comes_in():
    shown = resource(
        SERVICE, API, resource=service().documents["resource"], gaps={"iamPolicy": refused("getIamPolicy")}
    )

    (front,), _ = told(shown)

    assert front[3] == "whether strangers are let in is not known"


def test_a_function_of_the_second_generation_has_the_address_of_its_service_too():
    shown = function(generation="GEN_2", config={"service": API.removeprefix("//run.googleapis.com/")})

    found, gaps = told(shown, service(ANYONE))

    assert [(front[0], front[4]) for front in found] == [("URL", True), ("URL of its service", True)]
    assert gaps == []


@pytest.mark.parametrize("uri", [None, HTTPS])
def test_an_address_that_both_have_or_one_is_told_once(uri):
    shown = function(generation="GEN_2", uri=uri, config={"service": API.removeprefix("//run.googleapis.com/")})

    (front,), _ = told(shown, service(ANYONE))

    assert front[:2] == ("URL of its service", HTTPS)


def test_a_service_that_is_not_in_the_list_is_told_and_not_passed_over():
    shown = function(generation="GEN_2", config={"service": "projects/shop/locations/x/services/gone"})

    _, gaps = told(shown)

    assert gaps == ["run.namespaces.services.list was not read (projects/shop/locations/x/services/gone is not in the"
                    " list)"]  # fmt: skip


FIRST = {"eventType": "google.pubsub.topic.publish", "resource": ORDERS}
SECOND = {"eventType": "google.cloud.pubsub.topic.v1.messagePublished", "pubsubTopic": ORDERS}
OBJECTS = {"eventType": "google.storage.object.finalize", "resource": "projects/_/buckets/photos"}
FILTERED = {"eventType": "google.cloud.storage.object.v1.finalized",
            "eventFilters": [{"attribute": "bucket", "value": "photos"}]}  # fmt: skip
TRIGGERS = [
    (FIRST, (topic(),), "orders", "whoever may publish to the topic", False),
    (SECOND, (topic(),), "orders", "whoever may publish to the topic", False),
    (
        SECOND,
        (topic(policy(("roles/pubsub.publisher", "allUsers"))),),
        "orders",
        "anyone may publish to the topic",
        True,
    ),
    (SECOND, (), "orders", "whoever may publish to the topic: whether strangers may is not known", False),
    (OBJECTS, (), "photos", "whoever may write to the bucket", False),
    (FILTERED, (), "photos", "whoever may write to the bucket", False),
    ({"eventType": "google.firebase.x"}, (), "google.firebase.x", "whoever makes such events happen", False),
]


@pytest.mark.parametrize(("trigger", "around", "name", "asks", "is_open"), TRIGGERS)
def test_an_event_names_what_feeds_it(trigger, around, name, asks, is_open):
    (front,), gaps = told(function(uri=None, eventTrigger=trigger), *around)

    assert (front[1], front[3], front[4]) == (name, asks, is_open)
    assert front[0].startswith("Event (")
    assert gaps == []


PUSHES = [
    (f"{HTTPS}/events", 1),
    (HTTPS, 1),
    ("https://API-1.run.app/", 1),
    ("https://api-1.run.app.example/", 0),
    ("https://other.run.app/", 0),
    ("https://[broken", 0),
]


@pytest.mark.parametrize(("endpoint", "found"), PUSHES)
def test_messages_are_pushed_to_its_own_address(endpoint, found):
    fronts_, _ = told(service(), topic(), pushed(endpoint))

    assert [front[0] for front in fronts_].count("Push subscription") == found


def test_functions_of_the_first_generation_share_a_host():
    (_, *more), _ = told(function(), topic(), pushed("https://eu-shop.cloudfunctions.net/older"))

    assert more == []


def test_a_push_says_as_whom_and_who_publishes():
    around = (
        topic(policy(("roles/pubsub.publisher", "allUsers"))),
        pushed(HTTPS, oidcToken={"serviceAccountEmail": BOT}),
    )

    (_, front), _ = told(service(), *around)

    assert front == ("Push subscription", "s", f"pushed as {BOT}", "anyone may publish to the topic", True)


def test_subscriptions_that_were_not_listed_or_not_to_be_matched_are_told():
    _, unlisted = told(service(), unread=(SUBSCRIPTION,))
    _, unmatched = told(service(uri=None), topic(), pushed(HTTPS))

    assert any(f"List{SUBSCRIPTION}" in gap for gap in unlisted)
    assert any("nobody knows what is pushed to it" in gap for gap in unmatched)


@pytest.mark.parametrize("odd", [[], 7, "x", {"a": []}])
def test_odd_documents_are_no_crash(odd):
    for section in ("pushConfig", "topic", "uri", "urls", "serviceConfig", "eventTrigger"):
        for shown in (service(**{section: odd}), function(**({section: odd} if section != "serviceConfig" else {}))):
            fronts(world(shown, topic(), pushed(odd)), shown)


# what it reaches


def reached(*changed, unread=(), who=ROBOT):
    engine = world(service(), *changed, unread=unread)
    found = reach(engine, service(), engine.principal(who))
    return {(one.ref, touch.verb): touch for one in found.things for touch in one.touches}, found


def everything():
    """One thing of each kind, and a role for each verb of it."""
    for kind, asks in STORES.items():
        for verb, actions in asks.verbs.items():
            for action in actions:
                yield kind, verb, action


@pytest.mark.parametrize(("kind", "verb", "action"), list(everything()))
def test_each_action_stands_for_its_verb_and_no_other(kind, verb, action):
    thing = store(kind, f"//{kind.partition('/')[0]}/projects/shop/things/it")
    mine = role("projects/shop/roles/one", action)

    held, _ = reached(thing, mine, home(("projects/shop/roles/one", ROBOT)))
    nothing, _ = reached(thing, mine, home())

    found = {verb: touch.answer for (ref, verb), touch in held.items() if ref == thing.ref}
    assert found == {verb: Answer.ALLOWED}
    assert not [one for one in nothing if one[0] == thing.ref]


def test_the_role_that_decides_stands_beside():
    _, found = reached(store(BUCKET, PLANS, policy(("roles/storage.objectViewer", ROBOT))))

    assert [(one.ref, said.verbs, said.by) for one in found.things for said in one.said] == [
        (PLANS, ["read"], ("roles/storage.objectViewer",))
    ]


def test_a_denial_takes_it_away_and_a_condition_is_told():
    guard = denies(deny("storage.googleapis.com/objects.get", f"principal://iam.googleapis.com/projects/-/"
                        f"serviceAccounts/{APP}"))  # fmt: skip
    viewer = ("roles/storage.objectViewer", ROBOT)
    denied, _ = reached(home(viewer, **{"policies.get": guard}))
    held, _ = reached(home(viewer, condition='resource.name.startsWith("projects/_/buckets/photos/objects/a")'))

    assert denied[PHOTOS, "read"].actions == ("storage.objects.list",)
    assert held[PHOTOS, "read"].answer is Answer.IF
    assert held[PHOTOS, "read"].condition
    assert (PLANS, "read") not in held


def test_a_policy_that_was_not_read_is_unknown_and_why():
    shut = resource("secretmanager.googleapis.com/Secret", DB, resource={}, gaps={"iamPolicy": refused("getIamPolicy")})

    held, found = reached(shut)

    assert held[DB, "read"].answer is Answer.UNKNOWN
    assert found.doubts


def test_a_list_that_was_not_read_is_told_and_what_nobody_collects():
    _, found = reached(unread=(BUCKET,))

    assert found.unread == [f"service.List{BUCKET} was not read (AccessDenied)"]
    assert "access lists of single objects in buckets" in found.beyond


def test_calling_is_asked_as_each_generation_is_called():
    held, _ = reached(function(), home(("roles/cloudfunctions.invoker", ROBOT)))
    by_event, _ = reached(function(eventTrigger=FIRST), home(("roles/cloudfunctions.invoker", ROBOT)))

    assert held[OLD, "invoke"].answer is Answer.ALLOWED
    assert (OLD, "invoke") not in by_event


def test_other_accounts_are_become_and_not_itself_nor_the_service_that_asks():
    held, _ = reached(home(("roles/iam.serviceAccountTokenCreator", ROBOT), ("roles/run.admin", ROBOT)))

    assert (f"{ACCOUNTS}/102", "become") in held
    assert (f"{ACCOUNTS}/101", "become") not in held
    assert not [one for one in held if one[0] == API]


def test_what_stands_on_one_key_reaches_that_key_alone():
    held, _ = reached(
        store("cloudkms.googleapis.com/CryptoKey", LOCK, policy(("roles/cloudkms.cryptoKeyDecrypter", ROBOT))),
        account(BOT, "102"),
    )

    assert set(held) == {(LOCK, "read")}


# load balancers and schedules

COMPUTE = "https://www.googleapis.com/compute/v1/projects/shop"


def edge(word, path, **body):
    ref = f"//compute.googleapis.com/projects/shop/{path}"
    return resource(f"compute.googleapis.com/{word}", ref, region="global", resource={"name": "web", **body})


def balancer(proxy="TargetHttpsProxy", scheme="EXTERNAL_MANAGED", serves=None, leads=None, region="eu-west-1", **more):
    to = {"defaultService": f"{COMPUTE}/global/backendServices/web"} if leads is None else leads
    behind = [{"group": f"{COMPUTE}/regions/x/networkEndpointGroups/web"}]
    proxies = f"global/{'targetHttpsProxies' if 'Https' in proxy else 'targetHttpProxies'}/web"
    return (
        edge("NetworkEndpointGroup", "regions/x/networkEndpointGroups/web", networkEndpointType="SERVERLESS",
             region=f"{COMPUTE}/regions/{region}", **(serves or {"cloudRun": {"service": "api"}})),
        edge("BackendService", "global/backendServices/web", loadBalancingScheme=scheme, backends=behind, **more),
        edge("UrlMap", "global/urlMaps/web", **to),
        edge(proxy, proxies, urlMap="https://compute.googleapis.com/compute/beta/projects/shop/global/urlMaps/web"),
        edge("ForwardingRule", "global/forwardingRules/web", IPAddress="203.0.113.7", target=f"{COMPUTE}/{proxies}"),
    )  # fmt: skip


def through(shown, *around):
    found, gaps = told(shown, *around)
    assert gaps == []
    return [one[1:] for one in found if one[0] == "Load balancer"]


WEB = "203.0.113.7 (web)"
BARE = "HTTPS, no security policy filters it"
BEHIND = "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER"


@pytest.mark.parametrize(
    ("shown", "around", "front"),
    [
        (service(ANYONE), balancer(), (WEB, BARE, FREE, True)),
        (service(ANYONE, BEHIND), balancer(), (WEB, BARE, FREE, True)),
        (service(), balancer(), (WEB, BARE, IAM, False)),
        (service(ANYONE), balancer("TargetHttpProxy"), (WEB, BARE.replace("HTTPS", "plain HTTP"), FREE, True)),
        (
            service(ANYONE),
            balancer(securityPolicy=f"{COMPUTE}/global/securityPolicies/waf"),
            (WEB, "HTTPS, filtered by waf", FREE, True),
        ),
        (
            service(ANYONE),
            balancer(iap={"enabled": True}),
            (WEB, BARE, "Identity-Aware Proxy asks first", False),
        ),
        (
            service(ANYONE, "INGRESS_TRAFFIC_INTERNAL_ONLY"),
            balancer(),
            (WEB, f"{BARE}, which its ingress keeps out", FREE, False),
        ),
        (
            service(ANYONE),
            balancer(serves={"cloudRun": {"urlMask": "shop.example/<service>"}}),
            (WEB, f"{BARE}, for what its URL mask says", FREE, True),
        ),
        (
            service(ANYONE),
            balancer(leads={"pathMatchers": [{"pathRules": [{"service": f"{COMPUTE}/global/backendServices/web"}]}]}),
            (WEB, BARE, FREE, True),
        ),
        (
            function(policy(("roles/cloudfunctions.invoker", "allUsers"))),
            balancer(serves={"cloudFunction": {"function": "old"}}),
            (WEB, BARE, FREE, True),
        ),
    ],
)
def test_a_load_balancer_is_followed_to_its_backend(shown, around, front):
    assert through(shown, *around) == [front]


@pytest.mark.parametrize(
    "around",
    [
        balancer(scheme="INTERNAL_MANAGED"),
        balancer(serves={"cloudRun": {"service": "api2"}}),
        balancer(serves={"cloudFunction": {"function": "api"}}),
        balancer(leads={"defaultService": f"{COMPUTE}/global/backendServices/other"}),
        balancer(leads={}),
        balancer(region="us-east1"),
        balancer()[:4],
        balancer()[1:],
    ],
)
def test_what_leads_elsewhere_or_nowhere_is_no_way_in(around):
    assert through(service(ANYONE), *around) == []


def test_a_function_of_the_second_generation_stands_behind_what_leads_to_its_service():
    shown = function(generation="GEN_2", uri=HTTPS, config={"service": API.removeprefix("//run.googleapis.com/")})

    assert through(shown, service(ANYONE), *balancer()) == [(WEB, BARE, FREE, True)]


def test_lists_of_load_balancers_that_were_not_read_are_told():
    kind = "compute.googleapis.com/NetworkEndpointGroup"

    _, gaps = told(service(ANYONE), *balancer(), unread=(kind,))

    assert gaps == [f"service.List{kind} was not read (AccessDenied)"]


def job(uri, **more):
    body = {"schedule": "0 3 * * *", "httpTarget": {"uri": uri, **more.pop("target", {})}, **more}
    return resource("cloudscheduler.googleapis.com/Job", "//cloudscheduler.googleapis.com/projects/shop/jobs/nightly",
                    resource=body)  # fmt: skip


def test_a_schedule_says_as_whom_it_calls():
    signed = {"oidcToken": {"serviceAccountEmail": APP}}
    found, _ = told(service(), job(f"{HTTPS}/run", target=signed))

    asks = "whoever may change the job"
    assert found[1:] == [("Schedule", "nightly", f"0 3 * * *, as {APP}", asks, False)]
    assert told(service(), job(HTTPS))[0][1][2] == "0 3 * * *, without a token"
    assert len(told(service(), job("https://api-2.run.app"))[0]) == 1
    assert len(told(service(), job("http://[odd"))[0]) == 1


@pytest.mark.parametrize("odd", [7, None, [], "x"])
def test_odd_documents_of_load_balancers_are_no_crash(odd):
    parts = balancer()
    for place, part in enumerate(parts):
        for key in part.documents["resource"]:
            changed = resource(part.kind, part.ref, region="global", resource={**part.documents["resource"], key: odd})
            fronts(world(service(ANYONE), *parts[:place], changed, *parts[place + 1 :]), service(ANYONE))


def gateway(*operations, config="projects/42/locations/global/apis/a/configs/v2"):
    ref = "//apigateway.googleapis.com/projects/shop/locations/global/apis/a/configs/v2"
    found = [{"method": "GET", "path": f"/{n}", "asks": asks, "backend": to} for n, (asks, to) in enumerate(operations)]
    return (
        resource("apigateway.googleapis.com/ApiConfig", ref, region="global", resource={}, operations=found),
        resource("apigateway.googleapis.com/Gateway", "//apigateway.googleapis.com/projects/shop/gateways/g",
                 resource={"apiConfig": config, "defaultHostname": "g.gateway.dev"}),
    )  # fmt: skip


def test_a_gateway_says_what_it_asks_of_callers():
    around = gateway(
        ("nobody", HTTPS), ("token", f"{HTTPS}/v1"), ("token", HTTPS), ("key", HTTPS), ("nobody", "https://x")
    )

    found, gaps = told(service(), *around)

    assert [one for one in found if one[0] == "API gateway"] == [
        ("API gateway", "g.gateway.dev", "GET /0", FREE, True),
        ("API gateway", "g.gateway.dev", "GET /1 and 1 more", "callers with a token", False),
        ("API gateway", "g.gateway.dev", "GET /3", "anyone with an API key", False),
    ]
    assert gaps == []
    assert (
        len(told(service(), *gateway(("nobody", HTTPS), config="projects/42/locations/global/apis/b/configs/v2"))[0])
        == 1
    )


def test_a_configuration_that_was_not_read_is_told():
    config, serving = gateway(("nobody", HTTPS))
    blind = resource(config.kind, config.ref, region="global", gaps={"operations": refused("configs.get")}, resource={})

    _, gaps = told(service(), blind, serving)

    assert gaps == ["service.configs.get was not read (AccessDenied)"]
