"""What stands in front of a function or service of Google Cloud: addresses, load balancers, gateways, schedules, its
event trigger, pushed messages.

Whether anybody may come in is the engine's answer for `allUsers`; from where, the ingress.  Triggers of Eventarc on a
Cloud Run service push through a subscription, and are seen as that.  Sources: "Restrict network ingress for Cloud Run",
"Push subscriptions" (Cloud Run and Pub/Sub documentation), read 2026-11.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

from scanners.access.explorer import Answer, Principal, Target
from scanners.access.gcp.engine import GoogleEngine
from scanners.access.gcp.kinds import BUCKET, SERVICE, path_of
from scanners.access.gcp.members import ALL, AUTHENTICATED
from scanners.access.gcp.tree import told
from scanners.graph.fronts import Front
from scanners.graph.gcp.balancers import balanced
from scanners.model import Gap, Node, Resource, State, Unread

BEYOND = (
    "Cloud Tasks and Workflows are not collected: what of them calls it is not shown here; nor are load balancers and"
    " gateways of other projects"
)
LETS_ANYONE = "anyone: nobody is asked who they are"
GATEWAY, CONFIG = "apigateway.googleapis.com/Gateway", "apigateway.googleapis.com/ApiConfig"
DEMANDS = {  # of an operation → (how it asks, whether anyone comes in)
    "nobody": (LETS_ANYONE, True),
    "key": ("anyone with an API key", False),
    "token": ("callers with a token", False),
}
JOB = "cloudscheduler.googleapis.com/Job"
TOPIC, SUBSCRIPTION = "pubsub.googleapis.com/Topic", "pubsub.googleapis.com/Subscription"
STRANGERS = tuple(Principal(one, one, "everybody", outside=True) for one in (ALL, AUTHENTICATED))
FROM = {
    "ALLOW_ALL": "",
    "INGRESS_TRAFFIC_ALL": "",
    "ALLOW_INTERNAL_ONLY": "from the project's networks only",
    "INGRESS_TRAFFIC_INTERNAL_ONLY": "from the project's networks only",
    "ALLOW_INTERNAL_AND_GCLB": "from the project's networks and load balancers only",
    "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER": "from the project's networks and load balancers only",
    "INGRESS_TRAFFIC_NONE": "from nowhere",
}
OPEN = ("ALLOW_ALL", "INGRESS_TRAFFIC_ALL")
BALANCED = (*OPEN, "ALLOW_INTERNAL_AND_GCLB", "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER")
LETS = {  # which strangers → who is let in
    "anyone": LETS_ANYONE,
    "any Google account": "anyone with a Google account",
    "unknown": "whether strangers are let in is not known",
    "": "callers whom IAM allows it",
}
PROXY = "Identity-Aware Proxy asks first"
Answers = tuple[Answer, Answer]  # of anyone, of any Google account


def fronts(engine: GoogleEngine, function: Resource) -> tuple[list[Front], list[str]]:
    """(what was found, what was not read)"""
    found: list[Front] = []
    unread: list[str] = []
    looks: tuple[Callable[[GoogleEngine, Resource], Iterator[Front]], ...] = (
        _addresses,
        _balancers,
        _gateways, _trigger, _pushed, _scheduled,
    )  # fmt: skip
    for look in looks:
        try:
            found.extend(look(engine, function))
        except Unread as gaps:
            unread.extend(f"{gap.call} was not read ({gap.code})" for gap in gaps.gaps)
    return found, list(dict.fromkeys(unread))


def _addresses(engine: GoogleEngine, function: Resource) -> Iterator[Front]:
    """Of the second generation that of the service underneath, and the function's own where it is another one."""
    if function.kind == SERVICE:
        yield _of_service(engine, function, "URL")
        return
    about, service, gaps = told(function), None, Unread()
    try:
        service = _service(engine, about)
    except Unread as unread:
        gaps = unread
    config, actions = about["serviceConfig"], engine.invocation(function)
    another = service is None or (config["uri"].present and config["uri"].value != told(service)["uri"].value)
    if actions and another and not about["eventTrigger"].present:
        plain = "answers plain HTTP as well" if config["securityLevel"].value == "SECURE_OPTIONAL" else ""
        answers = _strangers(engine, actions[0], _target(function))
        yield _front("URL", config["uri"], config["ingressSettings"], answers, function, also=plain)
    if service:
        yield _of_service(engine, service, "URL of its service")
    if gaps.gaps:
        raise gaps


def _of_service(engine: GoogleEngine, service: Resource, what: str) -> Front:
    about = told(service)
    answers = _strangers(engine, "run.routes.invoke", _target(service))
    off = about["defaultUriDisabled"].value is True
    behind = PROXY if about["iapEnabled"].value is True else ""
    return _front(what, about["uri"], about["ingress"], answers, service, also=behind, off=off)


def _front(
    what: str, uri: Node, ingress: Node, answers: Answers, of: Resource, *, also: str = "", off: bool = False
) -> Front:
    said = str(ingress.value or "")
    where = FROM.get(said, f"from where is not known: ingress {said or 'was not told'}")
    who, anyone = _who(answers)
    detail = ", ".join(part for part in (where, also) if part)
    open_ = anyone and said in OPEN and also != PROXY
    name = str(uri.value or "its URL")
    return Front(what, name, detail, LETS.get(who, who), open_, "", of.kind, of.ref, uri.pointer, off)


def _strangers(engine: GoogleEngine, action: str, on: Target) -> Answers:
    anyone, accounts = (engine.decide(who, action, on).answer for who in STRANGERS)
    return anyone, accounts


def _who(answers: Answers) -> tuple[str, bool]:
    """(which strangers are let in, whether that is anyone)"""
    anyone, accounts = answers
    if anyone in (Answer.ALLOWED, Answer.IF):
        return ("anyone" if anyone is Answer.ALLOWED else "anyone, on a condition"), True
    if accounts in (Answer.ALLOWED, Answer.IF):
        return "any Google account", False
    return ("unknown" if Answer.UNKNOWN in answers else ""), False


def _target(resource: Resource) -> Target:
    return Target(resource.ref, resource.name, resource.kind, seen=True)


def _service(engine: GoogleEngine, about: Node) -> Resource | None:
    """The service that a function of the second generation runs as.  Raises Unread where it is not in the list."""
    if about["environment"].value != "GEN_2" or not about["serviceConfig"]["service"].present:
        return None
    name = about["serviceConfig"]["service"].text()
    found = engine.estate.find(SERVICE, f"//run.googleapis.com/{name}")
    if found is None:
        raise Unread(Gap("run.namespaces.services.list", "", State.SKIPPED, f"{name} is not in the list", about.region))
    return found


# load balancers and schedules


def _balancers(engine: GoogleEngine, function: Resource) -> Iterator[Front]:
    """Whoever comes by a load balancer is asked as at the address itself, and by Identity-Aware Proxy before."""
    below = _service(engine, told(function)) if function.kind != SERVICE else None
    shown = [one for one in (function, below) if one]
    for way in balanced(engine.estate, *shown):
        asked = below or function
        actions = engine.invocation(asked)
        answers = _strangers(engine, actions[0], _target(asked)) if actions else (Answer.DENIED, Answer.DENIED)
        who, anyone = _who(answers)
        about, rule = told(way.backend), told(way.rule)
        proxied = about["iap"]["enabled"].value is True
        filtered = str(about["securityPolicy"].value or "").rpartition("/")[2]
        ingress = told(asked)["ingress"] if asked.kind == SERVICE else told(asked)["serviceConfig"]["ingressSettings"]
        shut = str(ingress.value or "") not in BALANCED
        words = (
            way.speaks,
            f"filtered by {filtered}" if filtered else "no security policy filters it",
            "which its ingress keeps out" if shut else "",
            "for what its URL mask says" if way.masked else "",
        )
        detail = ", ".join(one for one in words if one)
        name = f"{rule['IPAddress'].value or way.rule.name} ({way.rule.name})"
        yield Front("Load balancer", name, detail, PROXY if proxied else LETS.get(who, who),
                    anyone and not proxied and not shut, way.backend.name, way.rule.kind, way.rule.ref,
                    rule["target"].pointer)  # fmt: skip


def _gateways(engine: GoogleEngine, function: Resource) -> Iterator[Front]:
    """A gateway calls in its own name, so what it asks of callers is all that they are asked."""
    configs = {path_of(one.ref).split("/", 2)[2]: one for one in engine.estate.all(CONFIG)}
    for gateway in engine.estate.all(GATEWAY) if configs else ():
        about = told(gateway)
        config = configs.get("/".join(str(about["apiConfig"].value or "").split("/")[2:]))
        led: dict[str, list[Node]] = {}
        urls = list(_urls(engine, function)) if config else []
        for one in config["operations"] if config else ():
            if any(_leads_to(str(one["backend"].value or ""), url) for url in urls):
                led.setdefault(str(one["asks"].value), []).append(one)
        for asks, some in led.items():
            words, open_ = DEMANDS.get(asks, (asks, False))
            first = f"{some[0]['method'].value} {some[0]['path'].value}"
            detail = f"{first} and {len(some) - 1} more" if len(some) > 1 else first
            name = str(about["defaultHostname"].value or gateway.name)
            yield Front("API gateway", name, detail, words, open_, "", gateway.kind, gateway.ref,
                        about["apiConfig"].pointer)  # fmt: skip


def _scheduled(engine: GoogleEngine, function: Resource) -> Iterator[Front]:
    """What calls it by the clock; who may change the job decides when and with what."""
    urls: list[str] | None = None
    for job in engine.estate.all(JOB):
        target = told(job)["httpTarget"]
        urls = list(_urls(engine, function)) if urls is None and target.present else urls or []
        if not any(_leads_to(str(target["uri"].value or ""), url) for url in urls):
            continue
        signed = target["oidcToken"]["serviceAccountEmail"].value or target["oauthToken"]["serviceAccountEmail"].value
        when = str(told(job)["schedule"].value or "")
        detail = f"{when}, as {signed}" if signed else f"{when}, without a token"
        asks = "whoever may change the job"
        off = told(job)["state"].value in ("PAUSED", "DISABLED")
        yield Front("Schedule", job.name, detail, asks, False, "", job.kind, job.ref, target.pointer, off)


# events


def _trigger(engine: GoogleEngine, function: Resource) -> Iterator[Front]:
    """Both generations: the first names what it listens to as a resource, the second filters by attributes."""
    if function.kind == SERVICE or not (trigger := told(function)["eventTrigger"]).present:
        return
    kind = str(trigger["eventType"].value or "event")
    what = f"Event ({kind.rpartition('/')[2]})"
    if topic := _topic(trigger, kind):
        asks, open_ = _publishers(engine, topic)
        yield Front(what, topic.rpartition("/")[2], "messages of the topic", asks, open_, "", TOPIC, _topic_ref(topic),
                    trigger.pointer)  # fmt: skip
    elif bucket := _bucket(trigger, kind):
        asks, open_ = _writers(engine, bucket)
        ref = f"//storage.googleapis.com/{bucket}"
        yield Front(what, bucket, "objects of the bucket", asks, open_, "", BUCKET, ref, trigger.pointer)
    else:
        yield Front(what, kind, "", "whoever makes such events happen", pointer=trigger.pointer)


def _topic(trigger: Node, kind: str) -> str:
    """ "projects/p/topics/t", or nothing."""
    name = str(trigger["pubsubTopic"].value or (trigger["resource"].value if "pubsub" in kind else "") or "")
    return name if "/topics/" in name else ""


def _bucket(trigger: Node, kind: str) -> str:
    if "storage" not in kind:
        return ""
    if trigger["resource"].present:
        return str(trigger["resource"].value).rpartition("/")[2]
    named = (str(one["value"].value or "") for one in trigger["eventFilters"] if one["attribute"].value == "bucket")
    return next(named, "")


def _topic_ref(name: str) -> str:
    return f"//pubsub.googleapis.com/{name}"


def _publishers(engine: GoogleEngine, topic: str) -> tuple[str, bool]:
    return _feeds(engine, _topic_ref(topic), "pubsub.topics.publish", "publish to the topic")


def _writers(engine: GoogleEngine, bucket: str) -> tuple[str, bool]:
    return _feeds(engine, f"//storage.googleapis.com/{bucket}", "storage.objects.create", "write to the bucket")


def _feeds(engine: GoogleEngine, ref: str, action: str, doing: str) -> tuple[str, bool]:
    """(who, whether anyone)"""
    who, anyone = _who(_strangers(engine, action, engine.target(ref)))
    if who == "unknown":
        return f"whoever may {doing}: whether strangers may is not known", False
    return (f"{who} may {doing}" if who else f"whoever may {doing}"), anyone


def _pushed(engine: GoogleEngine, function: Resource) -> Iterator[Front]:
    urls = list(_urls(engine, function))
    for one in engine.estate.all(SUBSCRIPTION):
        said = told(one)
        push = said["pushConfig"]
        if push["pushEndpoint"].present and not urls:
            why = "its address was not told, so nobody knows what is pushed to it"
            raise Unread(Gap(function.calls.get("resource", ""), "", State.UNSUPPORTED, why, function.region))
        if push["pushEndpoint"].present and any(_leads_to(str(push["pushEndpoint"].value), url) for url in urls):
            topic = str(said["topic"].value or "")
            asks, open_ = _publishers(engine, topic) if "/topics/" in topic else ("its topic was not told", False)
            signed = push["oidcToken"]["serviceAccountEmail"].value
            detail = f"pushed as {signed}" if signed else "pushed without a signature"
            yield Front("Push subscription", one.name, detail, asks, open_, topic.rpartition("/")[2], one.kind, one.ref,
                        push.pointer)  # fmt: skip


def _urls(engine: GoogleEngine, function: Resource) -> Iterator[str]:
    """All addresses it answers at, as far as they were told.  Raises Unread."""
    about = told(function)
    places = [about["serviceConfig"]["uri"]] if function.kind != SERVICE else [about["uri"], *about["urls"]]
    if function.kind != SERVICE and (service := _service(engine, about)):
        below = told(service)
        places += [below["uri"], *below["urls"]]
    yield from (one.value for one in places if isinstance(one.value, str) and one.value)


def _leads_to(endpoint: str, url: str) -> bool:
    """By host, and by whole steps of the path: functions of the first generation share a host."""
    try:
        to, own = urlsplit(endpoint), urlsplit(url)
        hosts = to.hostname, own.hostname
    except ValueError:
        return False
    steps, wanted = to.path.strip("/").split("/"), own.path.strip("/").split("/")
    return hosts[0] == hosts[1] and bool(hosts[0]) and (wanted == [""] or steps[: len(wanted)] == wanted)
