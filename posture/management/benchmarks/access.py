"""How fast the access engine decides: a seeded workload, described in docs/access.md.

50 principals with four policies that AWS manages and one of their own each, a boundary on every second, two levels of
SCPs; 200 requests out of the catalogue with six context keys: 10,000 decisions with all layers.  CPU seconds of one
thread; cold compiles everything, warm is the second and later rounds.
"""

from __future__ import annotations

import random
import resource
import time
from collections import Counter
from typing import Any

from scanners.access.aws import Context, Layers, Principal, Request, bounds, catalogue, compile_policy, effective
from scanners.access.aws.actions import wildcard_only
from scanners.catalog import managed_policies

ACCOUNT = "111122223333"
REGIONS = ("eu-west-1", "us-east-1", "ap-south-1")
_KEYS = ("aws:SourceIp", "aws:RequestedRegion", "aws:SecureTransport", "aws:PrincipalTag/team", "aws:ResourceTag/team")


def run(*, principals: int, requests: int, rounds: int, seed: int) -> dict[str, Any]:
    """Figures by name."""
    dice = random.Random(seed)  # noqa: S311  (a repeatable workload)
    began = time.process_time()
    catalogue()
    loaded = time.process_time() - began
    callers = [_caller(number, dice) for number in range(principals)]
    asked = [_asked(dice) for _ in range(requests)]
    began = time.process_time()
    layers = [Layers.of(**policies) for _, policies in callers]
    compiled = time.process_time() - began
    whos = [who for who, _ in callers]
    cold, outcomes = _round(whos, layers, asked)
    warm = min(_round(whos, layers, asked)[0] for _ in range(rounds))
    count = principals * requests
    many = [Layers.of(**_caller(number, dice)[1]) for number in range(500)]
    began = time.process_time()
    context = Context({})
    found = [effective(whos[number % principals], one, context) for number, one in enumerate(many)]
    effects = time.process_time() - began
    return {
        "decisions": count,
        "allowed": outcomes[True],
        "catalogue, ms": round(loaded * 1000),
        f"compiling {len({p for _, policies in callers for p in map(str, policies['identity'])})} policies, ms": round(
            compiled * 1000
        ),
        "decisions/s, cold": round(count / cold),
        "decisions/s, warm": round(count / warm),
        "effective access of 500 principals, s": round(effects, 2),
        "actions possible to the median of them": sorted(one.possible.bit_count() for one in found)[250],
        "memory, MiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def _round(
    whos: list[Principal], layers: list[Layers], asked: list[tuple[str, str, bool, dict[str, object]]]
) -> tuple[float, Counter[bool]]:
    """(CPU seconds, how many were allowed).  Requests and contexts are made anew: they are part of the work."""
    outcomes: Counter[bool] = Counter()
    began = time.process_time()
    for who, own in zip(whos, layers, strict=True):
        for action, arn, flag, values in asked:
            context = Context.of({**values, "aws:username": who.name})
            outcomes[bounds(Request(who, action, arn, ACCOUNT, flag), own, context)[0]] += 1
    return time.process_time() - began, outcomes


def _asked(dice: random.Random) -> tuple[str, str, bool, dict[str, object]]:
    action = dice.choice(catalogue().names)
    service, _, name = action.partition(":")
    region, team = dice.choice(REGIONS), dice.choice(("red", "blue"))
    arn = f"arn:aws:{service}:{region}:{ACCOUNT}:{name[:6]}/{team}-{dice.randrange(50)}"
    values = ("203.0.113.7", region, "true", team, dice.choice(("red", "blue")))
    return action, arn, wildcard_only(action), dict(zip(_KEYS, values, strict=True))


def _caller(number: int, dice: random.Random) -> tuple[Principal, dict[str, Any]]:
    arns = managed_policies.arns()
    identity: list[object] = [managed_policies.document(arn) for arn in dice.sample(arns, 4)]
    identity.append(_own(number, dice))
    who = Principal("aws", f"arn:aws:iam::{ACCOUNT}:user/u{number}")
    boundary = [_BOUNDARY] if number % 2 else None
    return who, {"identity": [compile_policy(one) for one in identity], "boundary": boundary, "scps": _SCPS}


def _own(number: int, dice: random.Random) -> dict[str, Any]:
    """Six statements of the kinds that people write."""
    services = dice.sample(("s3", "sqs", "sns", "dynamodb", "lambda", "kms", "ec2", "logs", "events", "states"), 4)
    return {
        "Version": "2012-10-17",
        "Statement": [
            _says("Allow", [f"{services[0]}:*"], [f"arn:aws:{services[0]}:*:{ACCOUNT}:*/red-{n}" for n in range(8)]),
            _says("Allow", ["s3:GetObject", "s3:Put*"], f"arn:aws:s3:::home-{number}/${{aws:username}}/*"),
            _says(
                "Allow", [f"{services[1]}:*"], "*",
                {"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}},
            ),
            {
                "Effect": "Allow",
                "NotAction": ["iam:*", "organizations:*", f"{services[2]}:*"],
                "Resource": "arn:aws:*:eu-*:*:*",
            },
            _says(
                "Allow", [f"{services[3]}:*"], "*",
                {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}, "Bool": {"aws:SecureTransport": "true"}},
            ),
            _says("Deny", ["*:Delete*", f"{services[3]}:Delete*"], "*"),
        ],
    }  # fmt: skip


def _says(effect: str, actions: list[str], resources: object, condition: object = None) -> dict[str, Any]:
    found: dict[str, Any] = {"Effect": effect, "Action": actions, "Resource": resources}
    return {**found, "Condition": condition} if condition else found


_ALL = {"Version": "2012-10-17", "Statement": _says("Allow", ["*"], "*")}
_BOUNDARY = {
    "Version": "2012-10-17",
    "Statement": [_says("Allow", ["*"], "*"), _says("Deny", ["iam:*", "organizations:*", "account:*"], "*")],
}
_REGIONS_ONLY = {
    "Version": "2012-10-17",
    "Statement": {
        "Effect": "Deny",
        "NotAction": ["iam:*", "sts:*", "organizations:*", "support:*", "cloudfront:*", "route53:*"],
        "Resource": "*",
        "Condition": {"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1", "eu-central-1", "us-east-1"]}},
    },
}
_SCPS = [[_ALL], [_ALL, _REGIONS_ONLY]]
