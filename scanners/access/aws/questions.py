"""A question about AWS as one line of JSON: whole decisions, and parts of them by suite (docs/access.md)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from scanners.access.aws import actions, arns, conditions
from scanners.access.aws.context import ABSENT, PRESENT, UNKNOWN, Context, Known, Maybe, as_value, text
from scanners.access.aws.decide import Decision, Outcome, decide
from scanners.access.aws.documents import read_condition
from scanners.access.aws.explain import blocked_by
from scanners.access.aws.policies import compile_policy
from scanners.access.aws.principals import NAMES, Match, Principal, named
from scanners.access.aws.requests import Layers, Request
from scanners.access.aws.s3_public import is_public
from scanners.access.lines import NotUnderstood, Question, Written
from scanners.access.lines import need as _need
from scanners.access.truth import MAYBE, YES

Answer = Written


def answer(question: Question) -> Answer:
    """Without the id.  Raises NotUnderstood."""
    suite = question.get("suite", "decision")
    ask = _SUITES.get(suite) if isinstance(suite, str) else None
    if ask is None:
        raise NotUnderstood(f"there is no suite {str(suite)[:60]!r}; there are {', '.join(_SUITES)}")
    return ask(question)


def _decision(question: Question) -> Answer:
    mode = question.get("mode", "strict")
    if mode not in ("strict", "discovery"):
        raise NotUnderstood("mode is neither strict nor discovery")
    asked = _need(question, "request", dict)
    policies = _need(question, "policies", dict)
    open_ = mode == "discovery"
    context = _context(asked.get("context"), question.get("known_context") if open_ else None, open_=open_)
    decision = decide(_request(asked), _layers(policies, question.get("settings")), context)
    return _as_answer(decision, discovery=open_)


def _request(asked: Question) -> Request:
    account = asked.get("resource_account")
    if account is not None and not isinstance(account, str):
        raise NotUnderstood("resource_account is not a text")
    flag = asked.get("wildcard_only_action")
    return Request(
        principal=_principal(asked.get("principal")),
        action=_need(asked, "action", str),
        resource=_need(asked, "resource", str) if asked.get("resource") is not None else "*",
        resource_account=account or None,
        wildcard_only=flag if isinstance(flag, bool) else None,
    )


def _principal(asked: object) -> Principal:
    if isinstance(asked, str):
        asked = {"kind": "aws" if asked.startswith("arn:") else "service", "value": asked}
    if not isinstance(asked, dict):
        raise NotUnderstood("principal is not an object with kind and value")
    kind, value = asked.get("kind"), asked.get("value")
    if kind not in ("aws", "service", "federated", "anonymous", "canonical"):
        raise NotUnderstood("principal.kind is none of aws, service, federated, anonymous, canonical")
    if kind != "anonymous" and not isinstance(value, str):
        raise NotUnderstood("principal.value is not a text")
    if kind == "federated" and ":federated-user/" in str(value):  # a session of GetFederationToken is of its account
        kind = "aws"
    return Principal(kind, value if kind != "anonymous" else None)


def _layers(policies: Question, settings: object) -> Layers:
    blocked = settings.get("s3_block_public_access") if isinstance(settings, dict) else None
    if isinstance(blocked, dict):
        blocked = blocked.get("RestrictPublicBuckets")
    return Layers.of(
        identity=_list(policies, "identity") or [],
        boundary=_list(policies, "boundary"),
        scps=_levels(policies, "scps"),
        rcps=_levels(policies, "rcps"),
        resource=policies.get("resource"),
        session=policies.get("session"),
        vpce=_list(policies, "vpce"),
        public_is_blocked=blocked is True,
    )


def _list(policies: Question, key: str) -> list[Any] | None:
    value = policies.get(key)
    if value is None or isinstance(value, list):
        return value
    return [value]


def _levels(policies: Question, key: str) -> list[list[Any]]:
    levels = policies.get(key)
    if levels is None:
        return []
    if not isinstance(levels, list) or not all(isinstance(level, list) for level in levels):
        raise NotUnderstood(f"{key} is not a list of lists")
    return levels


def _context(given: object, known: object, *, open_: bool) -> Context:
    if given is None:
        given = {}
    if not isinstance(given, dict):
        raise NotUnderstood("context is not an object")
    values: dict[str, Known] = {str(key).lower(): as_value(value) for key, value in given.items()}
    for row in known or () if isinstance(known, list) else ():
        if not isinstance(row, dict) or not isinstance(row.get("key"), str):
            raise NotUnderstood("a row of known_context has no key")
        key = row["key"].lower()
        values[key] = _fact(values.get(key), row.get("presence_known") is True, row.get("value_known") is True)
    return Context(values, UNKNOWN if open_ else ABSENT)


def _fact(given: Known | None, presence_known: bool, value_known: bool) -> Known:
    """A key that is given is there.  Known to be there or not, and not given with a value that is known: not there."""
    if isinstance(given, (str, tuple)):
        if value_known:
            return given if presence_known else Maybe(given)
        return PRESENT if presence_known else UNKNOWN
    if presence_known:
        return ABSENT if value_known else PRESENT
    return UNKNOWN


_WORDS = {
    Outcome.ALLOWED: "Allowed",
    Outcome.EXPLICITLY_DENIED: "ExplicitlyDenied",
    Outcome.IMPLICITLY_DENIED: "ImplicitlyDenied",
}


def _as_answer(decision: Decision, *, discovery: bool) -> Answer:
    outcome = decision.outcome
    conditional = outcome is Outcome.ALLOWED_IF
    discovery = discovery and (not conditional or decision.achievable)
    if conditional:
        outcome = Outcome.ALLOWED if discovery else Outcome.IMPLICITLY_DENIED
    found: Answer = {
        "decision": _WORDS[outcome],
        "blocked_by": blocked_by(decision, surely=not discovery),
        "because": decision.because,
        "residual_condition": decision.residual if conditional and discovery else None,
    }
    if conditional and not discovery:
        found["unknown_because"] = sorted({str(one["unknown"]) for one in found["because"] if "unknown" in one})
    return found


def _operator(question: Question) -> Answer:
    name = _need(question, "operator", str)
    values = _texts(question.get("policy_values"))
    context = _context(question.get("context"), None, open_=False)
    one = conditions.atom(name, "\0value", values)
    context = context.with_facts({"\0value": as_value(question.get("request_value"))})
    return {"matches": one.evaluate(context) == YES}


def _texts(values: object) -> tuple[str, ...]:
    rows = values if isinstance(values, list) else [values]
    if not all(isinstance(one, (str, bool, int, float)) for one in rows):
        raise NotUnderstood("policy_values are not texts")
    return tuple(text(one) for one in rows)


def _open(question: Question, known: object) -> bool:
    """Without a mode: unknown is what known_context does not list, when it lists what is known; else it is absent."""
    if "mode" in question:
        return bool(question["mode"] == "discovery")
    rows = known if isinstance(known, list) else []
    return any(isinstance(r, dict) and r.get("presence_known") is r.get("value_known") is True for r in rows)


def _condition(question: Question) -> Answer:
    block = question.get("condition")
    if isinstance(block, dict) and isinstance(block.get("operator"), str) and isinstance(block.get("key"), str):
        block = {block["operator"]: {block["key"]: block.get("values", [])}}
    compiled = read_condition(block)
    known = question.get("known_context")
    context = _context(question.get("context"), known, open_=_open(question, known))
    holds = compiled.evaluate(context)
    allows = question.get("effect") != "Deny"
    matches = holds == YES or (holds == MAYBE and allows and compiled.flaw is None)
    return {"matches": matches, "unresolved_keys": list(compiled.unresolved(context)) if holds == MAYBE else []}


def _action(question: Question) -> Answer:
    element = _element(question, "Action")
    patterns = _patterns(question)
    compiled = actions.actions(patterns, negated=element == "NotAction")
    return {"matches": compiled.covers(_need(question, "action", str).lower())}


def _patterns(question: Question) -> tuple[str, ...]:
    patterns = _need(question, "patterns", list, str)
    rows = patterns if isinstance(patterns, list) else [patterns]
    if not all(isinstance(one, str) for one in rows):
        raise NotUnderstood("a pattern is not a text")
    return tuple(rows)


def _element(question: Question, name: str) -> str:
    element = question.get("element", name)
    if element not in (name, f"Not{name}"):
        raise NotUnderstood(f"element is neither {name} nor Not{name}")
    return str(element)


_KINDS = {"identity": "identity", "boundary": "boundary", "permissionboundary": "boundary", "session": "session"}


def _resource(question: Question) -> Answer:
    kind = str(question.get("policy_type", "identity")).lower().replace("_", "").replace("-", "")
    element = resources_of(_patterns(question), _element(question, "Resource") == "NotResource", kind)
    context = _context(question.get("context"), None, open_=False)
    some, whole = element.reach(arns.target(_need(question, "resource", str)), context)
    return {"matches": (whole if question.get("effect") == "Deny" else some) == YES}


def resources_of(patterns: tuple[str, ...], negated: bool, kind: str) -> arns.Resources:
    fill = _KINDS.get(kind, kind) in arns.FILLED
    return arns.resources(patterns, negated=negated, variables=True, fill=fill)


def _principal_match(question: Question) -> Answer:
    who = _principal(question.get("principal"))
    compiled = named(question.get("value"))
    if _element(question, "Principal") == "Principal":
        return {"match": NAMES[compiled.match(who)]}
    if question.get("effect") == "Deny":
        return {"match": NAMES[Match.NO if compiled.spares(who) else Match.DIRECT]}
    return {"match": NAMES[Match.DIRECT if compiled.match(who) is Match.NO else Match.NO]}


def _overlap(question: Question) -> Answer:
    return {"overlaps": arns.arns_overlap(_need(question, "a", str), _need(question, "b", str))}


def _public(question: Question) -> Answer:
    policy = question.get("policy")
    return {"public": policy is not None and is_public(compile_policy(policy))}


_SUITES: dict[str, Callable[[Question], Answer]] = {
    "decision": _decision,
    "operator": _operator,
    "condition": _condition,
    "action": _action,
    "resource": _resource,
    "principal": _principal_match,
    "arnoverlap": _overlap,
    "s3public": _public,
}
