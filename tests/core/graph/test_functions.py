"""Who can invoke a function by which name, what stands before it, what its role reaches, and where that leads."""

from __future__ import annotations

import pytest

from scanners.access.explorer import Answer
from scanners.graph.blast import blast
from scanners.graph.fronts import fronts
from scanners.graph.invokers import truth_table
from scanners.graph.paths import between, comers
from scanners.graph.reach import reach_of
from scanners.graph.standing import view
from scanners.model.estate import Estate
from tests.core.cases import NOW, refused, resource
from tests.core.graph.corpus import ACCOUNT, ADMIN, allow, arn, policy, trusting
from tests.core.graph.test_stored import organisation, role, user

F = f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:pay"
OTHER = "444455556666"
INVOKE, BY_URL = "lambda:InvokeFunction", "lambda:InvokeFunctionUrl"
ROLE = arn("role", "pay-role")
LAMBDA = trusting(Service="lambda.amazonaws.com")


def lets(who, action=INVOKE, on=F, effect="Allow", **condition):
    more = {"Condition": condition} if condition else {}
    return {"Sid": "lets", "Effect": effect, "Principal": who, "Action": action, "Resource": on, **more}


def function(*statements, url=None, aliases=None, versions=(), gaps=(), **policies):
    """`policies` by qualifier; `aliases` name → version."""
    told = {"$LATEST": policy(*statements) if statements else None}
    told |= {name: policy(*rows) if rows else None for name, rows in policies.items()}
    sections = {
        "ListFunctions": {"FunctionName": "pay", "FunctionArn": F, "Role": ROLE},
        "ListAliases": [{"Name": name, "FunctionVersion": number} for name, number in (aliases or {}).items()],
        "Versions": [{"Version": number} for number in versions],
        "GetPolicy": told,
        "GetFunctionUrlConfig": {"$LATEST": {"AuthType": url, "FunctionUrl": "https://x.example"} if url else None},
    }
    kept = {name: value for name, value in sections.items() if name not in gaps}
    return resource("AWS::Lambda::Function", F, gaps={name: refused(name, "lambda") for name in gaps}, **kept)


def estate(*resources, unread=()):
    gaps = {kind: (refused("List" + kind.rpartition(":")[2]),) for kind in unread}
    return Estate(ACCOUNT, NOW, lambda kind: [one for one in resources if one.kind == kind], gaps)


def table(shown, *around, unread=()):
    return truth_table(view(estate(shown, *around, unread=unread)), shown)


def answers(shown, *around, unread=()):
    """{label: answers by column}"""
    return {row.label: [cell.answer.value for cell in row.cells] for row in table(shown, *around, unread=unread).rows}


NOW_OPEN = (lets("*", BY_URL, StringEquals={"lambda:FunctionUrlAuthType": "NONE"}),
            lets("*", INVOKE, Bool={"lambda:InvokedViaFunctionUrl": "true"}))  # fmt: skip
CASES = [
    # the function,                                         row,                  answer
    (function(), "Anyone", "denied"),
    (function(), "Any AWS account", "denied"),
    (function(lets("*")), "Anyone", "denied"),  # the Invoke API takes signed requests only
    (function(lets("*")), "Any AWS account", "allowed"),
    (function(lets("*", effect="Deny"), lets("*")), "Any AWS account", "denied"),
    (function(lets("*", StringEquals={"aws:PrincipalOrgID": "o-1"})), "Any AWS account", "allowed_if"),
    (function(lets("*", StringEquals={"aws:PrincipalOrgID": "o-1"})), "o-1", "allowed"),
    (function(lets({"AWS": f"arn:aws:iam::{OTHER}:root"})), f"Account {OTHER}", "allowed"),
    (function(lets({"AWS": f"arn:aws:iam::{OTHER}:role/x"})), f"arn:aws:iam::{OTHER}:role/x", "allowed"),
    (function(lets({"AWS": f"arn:aws:iam::{OTHER}:root"})), "Any AWS account", "denied"),
    (function(lets({"Service": "s3.amazonaws.com"})), "s3.amazonaws.com", "allowed"),
    (
        function(lets({"Service": "s3.amazonaws.com"}, ArnLike={"aws:SourceArn": "arn:aws:s3:::b"})),
        "s3.amazonaws.com",
        "allowed_if",
    ),
    (function(*NOW_OPEN, url="NONE"), "Anyone", "allowed"),
    (function(NOW_OPEN[0], url="NONE"), "Anyone", "allowed"),  # of a URL made before October 2025
    (function(NOW_OPEN[1], url="NONE"), "Anyone", "denied"),
    (function(*NOW_OPEN, url="AWS_IAM"), "Anyone", "denied"),
    (function(*NOW_OPEN), "Anyone", "denied"),  # no URL
    (function(url="NONE"), "Anyone", "denied"),  # and nothing lets anybody through it
    (function(lets("*", BY_URL), url="AWS_IAM"), "Any AWS account", "allowed"),
    (function(*NOW_OPEN, url="NONE"), "Any AWS account", "allowed"),
    (function(gaps=("GetPolicy",)), "Any AWS account", "unknown"),
    (function(gaps=("GetPolicy",), url="NONE"), "Anyone", "unknown"),
]


@pytest.mark.parametrize(("shown", "row", "answer"), CASES)
def test_strangers_get_what_the_policy_says(shown, row, answer):
    assert answers(shown)[row] == [answer]


def test_every_name_has_a_policy_of_its_own():
    shown = function(aliases={"live": "2"}, versions=("1", "2", "10"), live=[lets("*", on=f"{F}:live")])

    found = table(shown)

    assert [one.name for one in found.qualifiers] == ["$LATEST", "live", "10"]
    assert found.qualifiers[2].others == ("2", "1")
    assert answers(shown)["Any AWS account"] == ["denied", "allowed", "denied"]


def test_the_deciding_statement_is_shown_as_written():
    statement = lets({"AWS": f"arn:aws:iam::{OTHER}:root"})

    cell = table(function(statement)).of("named")[0].cells[0]

    assert [(one.effect, one.layer, one.sid, one.statement) for one in cell.because] == [
        ("Allow", "resource policy", "lets", statement)
    ]
    assert cell.because[0].pointer == "/GetPolicy/$LATEST/Statement/0"


def test_own_principals_are_grouped_by_what_decides():
    caller = allow(INVOKE)
    shown = function()

    found = answers(shown, user("ann", caller), user("bob", caller), user("cat", allow("s3:*")), role("dog", LAMBDA))

    assert found["2 users"] == ["allowed"]
    assert found["1 other role and 1 other user"] == ["denied"]


@pytest.mark.parametrize(
    ("resource_", "columns"),
    [(F, ["allowed", "denied"]), (f"{F}:*", ["denied", "allowed"]), (f"{F}*", ["allowed", "allowed"])],
)
def test_identity_policies_name_the_function_or_what_is_behind_it(resource_, columns):
    found = answers(function(aliases={"live": "1"}), user("ann", allow(INVOKE, resource_)))

    assert found["ann"] == columns


def test_the_organisation_stands_above_the_accounts_own():
    found = answers(function(), user("ann", allow("*")), *organisation("lambda:*"))

    assert "ann" not in {label for label, cells in found.items() if cells == ["allowed"]}


@pytest.mark.parametrize("kind", ["AWS::IAM::User", "AWS::IAM::ManagedPolicy"])
def test_identities_that_were_not_read_are_not_said_to_be_denied(kind):
    attached = {"AttachedManagedPolicies": [{"PolicyName": "p", "PolicyArn": arn("policy", "p")}]}

    found = answers(function(), user("ann", **attached), unread=(kind,))

    assert found["ann"] == ["unknown"]


def test_aliases_that_were_not_read_are_told():
    assert "lambda.ListAliases was not read (AccessDenied)" in table(function(gaps=("ListAliases",))).unread


# what stands in front


PATH = "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/{}/invocations"


def rest_api(ref=F, asks="NONE", key=False):
    method = {"authorizationType": asks, "apiKeyRequired": key,
              "methodIntegration": {"uri": PATH.format(ref)}}  # fmt: skip
    return resource(
        "AWS::ApiGateway::RestApi", "arn:aws:apigateway:eu-west-1::/restapis/a",
        GetResources=[{"path": "/orders", "resourceMethods": {"POST": method}}],
    )  # fmt: skip


def http_api(asks="NONE"):
    return resource(
        "AWS::ApiGatewayV2::Api",
        "arn:aws:apigateway:eu-west-1::/apis/a",
        GetIntegrations=[{"IntegrationId": "i", "IntegrationUri": f"{F}:live"}],
        GetRoutes=[{"RouteKey": "GET /x", "Target": "integrations/i", "AuthorizationType": asks},
                   {"RouteKey": "GET /y", "Target": "integrations/other", "AuthorizationType": "NONE"}],
    )  # fmt: skip


def feed(ref=F, state="Enabled"):
    said = {"FunctionArn": ref, "EventSourceArn": f"arn:aws:sqs:eu-west-1:{ACCOUNT}:q", "State": state}
    return resource("AWS::Lambda::EventSourceMapping", "arn:mapping", ListEventSourceMappings=said)


FRONTS = [
    (rest_api(), [("REST API", "POST /orders", True, "$LATEST")]),
    (rest_api(f"{F}:live", "AWS_IAM"), [("REST API", "POST /orders", False, "live")]),
    (rest_api(key=True), [("REST API", "POST /orders", False, "$LATEST")]),
    (rest_api(f"{F}ment"), []),  # another function, whose name begins alike
    (http_api(), [("HTTP API", "GET /x", True, "live")]),
    (http_api("JWT"), [("HTTP API", "GET /x", False, "live")]),
    (feed(), [("Event source (sqs)", "it reads what is put in there", False, "$LATEST")]),
    (feed(f"{F}ment"), []),
]


@pytest.mark.parametrize(("around", "expected"), FRONTS)
def test_what_calls_it_stands_in_front(around, expected):
    shown = function()

    found, unread = fronts(estate(shown, around), shown)

    assert [(one.what, one.detail, one.open, one.qualifier) for one in found] == expected
    assert unread == []


def test_a_url_that_asks_nobody_is_open_and_what_was_not_listed_is_told():
    shown = function(url="NONE")

    found, unread = fronts(estate(shown, unread=("AWS::ApiGateway::RestApi",)), shown)

    assert [(one.what, one.open) for one in found] == [("Function URL", True)]
    assert unread == ["service.ListRestApi was not read (AccessDenied)"]


def test_a_paused_source_is_switched_off():
    shown = function()

    (found,), _ = fronts(estate(shown, feed(state="Disabled")), shown)

    assert found.off


# what it reaches


QUEUE = f"arn:aws:sqs:eu-west-1:{ACCOUNT}:orders"


def queue(*statements):
    said = {"Policy": policy(*statements)} if statements else {}
    return resource("AWS::SQS::Queue", QUEUE, GetQueueAttributes=said)


def holds(*statements):
    inline = [{"PolicyName": "p", "PolicyDocument": policy(*statements)}]
    return role("pay-role", LAMBDA, **({"RolePolicyList": inline} if statements else {}))


def touched(*resources, unread=()):
    asked = view(estate(*resources, unread=unread))
    found = reach_of(asked, asked.standings[ROLE])
    return {(one.name, touch.verb): touch.answer for one in found.things for touch in one.touches}, found


REACHED = [
    (holds(allow("sqs:ReceiveMessage")), queue(), {("orders", "read")}),
    (holds(allow("sqs:*", QUEUE)), queue(), {("orders", "read"), ("orders", "write"), ("orders", "delete")}),
    (holds(allow("sqs:*", QUEUE + "x")), queue(), set()),
    (holds(allow("sqs:SendMessage")), queue(lets("*", "sqs:*", QUEUE, "Deny")), set()),
    (holds(), queue(lets({"AWS": ROLE}, "sqs:SendMessage", QUEUE)), {("orders", "write")}),
    (holds(allow("sqs:SendMessage", QUEUE)),
     queue(lets("*", "sqs:*", QUEUE, "Deny", Bool={"aws:SecureTransport": "false"})), {("orders", "write")}),
]  # fmt: skip


@pytest.mark.parametrize(("held", "thing", "expected"), REACHED)
def test_a_role_reaches_what_both_policies_leave(held, thing, expected):
    found, _ = touched(held, thing)

    assert set(found) == expected
    assert all(answer is Answer.ALLOWED for answer in found.values())


def test_a_thing_whose_policy_was_not_read_is_perhaps_reached():
    thing = resource("AWS::SQS::Queue", QUEUE, gaps={"GetQueueAttributes": refused("GetQueueAttributes")})

    found, _ = touched(holds(allow("sqs:SendMessage")), thing)

    assert found["orders", "write"] is Answer.UNKNOWN


def test_a_list_that_was_not_read_is_told_and_not_empty():
    _, found = touched(holds(allow("sqs:*")), unread=("AWS::SQS::Queue",))

    assert found.unread == ["service.ListQueue was not read (AccessDenied)"]


def test_a_compromise_is_followed_hop_by_hop():
    first = role("first", trusting(AWS=ROLE))
    second = role("second", trusting(AWS=arn("role", "first")), ADMIN)
    assume = {"RolePolicyList": [{"PolicyName": "p", "PolicyDocument": policy(allow("sts:AssumeRole"))}]}

    asked = view(estate(holds(allow("sts:AssumeRole")), role("first", trusting(AWS=ROLE), **assume), second))
    found = blast(asked.graph, ROLE)

    assert first.ref != second.ref
    assert [(hop.distance, hop.name, hop.administrator) for hop in found.hops[:2]] == [
        (1, "role/first", False),
        (2, "role/second", True),
    ]


def test_a_role_that_nothing_lets_on_reaches_nobody():
    asked = view(estate(holds(allow("s3:*")), role("other", LAMBDA, ADMIN)))

    assert blast(asked.graph, ROLE).hops == ()


# who comes to it


CHANGES, INVOKES = "lambda:UpdateFunctionCode", "lambda:InvokeFunction"


def comes(*around):
    asked = view(estate(function(), holds(allow("s3:*")), *around))
    return [one.rpartition("/")[2] for one in comers(asked.graph, ROLE)], asked.graph


def with_(*statements):
    return {"RolePolicyList": [{"PolicyName": "p", "PolicyDocument": policy(*statements)}]}


def test_who_replaces_the_code_or_becomes_the_role_comes_to_it():
    found, _ = comes(
        user("ann", allow(CHANGES, F)),
        user("bob", allow(INVOKES, F)),
        user("cat", allow(CHANGES, F + "ment")),
        user("eve", ADMIN),
        role("b", trusting(AWS=arn("role", "a")), **with_(allow(CHANGES, F))),
        role("a", LAMBDA, **with_(allow("sts:AssumeRole", arn("role", "b")))),
    )

    assert {"ann", "b", "a", "eve"} == set(found)
    assert found.index("b") < found.index("a")


def test_who_comes_to_a_role_is_whom_a_way_leads_there():
    found, graph = comes(user("dan", allow(CHANGES, F)), user("zoe", allow("s3:*")))

    assert found == ["dan"]
    others = [one.arn for one in graph.scene.principals if one.arn != ROLE]
    assert [one for one in others if between(graph, one, ROLE).escalates] == [arn("user", "dan")]
