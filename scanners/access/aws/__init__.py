"""Access by the rules of AWS: who may do what to which resource, in three values, with the statements as proof.

    policy = compile_policy(document)                    # once by content; never raises
    layers = Layers.of(identity=[policy, …], boundary=None, scps=[[…], […]], rcps=[…], resource=…, session=…, vpce=None)
    who = Principal("aws", "arn:aws:iam::111122223333:role/app")      # kinds: aws, service, federated, anonymous
    request = Request(who, "sqs:SendMessage", "arn:aws:sqs:eu-west-1:111122223333:orders")
    decision = decide(request, layers, Context.of({"aws:SourceIp": "203.0.113.7"}, otherwise=UNKNOWN))
    decision.outcome, .sure, .possible                   # Outcome.ALLOWED, ALLOWED_IF, EXPLICITLY_…, IMPLICITLY_DENIED
    decision.blocked_by, .because, .residual             # built when asked
    decision.achievable                                  # possible, and its conditions do not contradict each other

`Layers` are compiled: make them once for a principal and ask them often.  A `Context` holds what is known of the
request's keys; every other key is `otherwise`: ABSENT (a request at hand) or UNKNOWN (what could be requested).
`EMPTY` knows that there is nothing, `NOTHING_KNOWN` knows nothing.

For graphs, by the caller's own layers alone (identity, boundary, session, SCPs), resources may be patterns:

    allowed(who, layers, "iam:PassRole", role_arn, context=NOTHING_KNOWN) -> (sure, possible)
    allows_sure(…), allows_possibly(…)                   # the same, one at a time
    grants(layers, "iam:PassRole") -> Grant(resources, all_but, condition, sure, rule), …
    effective(who, layers) -> Effective: .sure, .possible as bitmaps over catalogue(); .on(action); .allows(action, arn)

The rooms: documents (tolerant reading), patterns, variables, context, operators, conditions, arns, actions, principals,
policies (compiled), requests, plans, scope, weigh, witnesses, decide, explain, residual, completions, effective,
s3_public, questions (JSON Lines).
`statements` is what checks use on collected documents, statement by statement.
"""

from scanners.access.aws.context import ABSENT, EMPTY, NOTHING_KNOWN, PRESENT, UNKNOWN, Context, Fact, Maybe
from scanners.access.aws.decide import Decision, Outcome, bounds, decide
from scanners.access.aws.effective import (
    Catalogue,
    Effective,
    Grant,
    allowed,
    allows_possibly,
    allows_sure,
    catalogue,
    effective,
    grants,
)
from scanners.access.aws.policies import Policy, compile_policy
from scanners.access.aws.principals import ANONYMOUS, Principal
from scanners.access.aws.requests import Layers, Request
from scanners.access.aws.s3_public import is_public

__all__ = [
    "ABSENT",
    "ANONYMOUS",
    "EMPTY",
    "NOTHING_KNOWN",
    "PRESENT",
    "UNKNOWN",
    "Catalogue",
    "Context",
    "Decision",
    "Effective",
    "Fact",
    "Grant",
    "Layers",
    "Maybe",
    "Outcome",
    "Policy",
    "Principal",
    "Request",
    "allowed",
    "allows_possibly",
    "allows_sure",
    "bounds",
    "catalogue",
    "compile_policy",
    "decide",
    "effective",
    "grants",
    "is_public",
]
