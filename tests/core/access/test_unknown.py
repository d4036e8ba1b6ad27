"""What is decided when the context of a request is not, or not wholly, known."""

import pytest

from scanners.access.questions import answer
from tests.core.access.asking import OBJECT, QUEUE, ROLE, SESSION, USER, allow, ask, deny, document, statement

YES, EXPLICIT, IMPLICIT = "Allowed", "ExplicitlyDenied", "ImplicitlyDenied"
ORG = {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}
NOT_ORG = {"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}}
MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
ALL = allow()

# policies, context, decision, what must hold
CASES = [
    ({"identity": [ALL]}, {}, YES, None),
    ({}, {}, IMPLICIT, None),
    ({"identity": [allow(Condition=ORG)]}, {}, YES, {"StringEquals": {"aws:PrincipalOrgID": ["o-1"]}}),
    ({"identity": [allow(Condition=ORG)]}, {"aws:PrincipalOrgID": "o-1"}, YES, None),
    ({"identity": [allow(Condition=ORG)]}, {"aws:PrincipalOrgID": "o-2"}, IMPLICIT, None),
    (
        {"identity": [allow(Condition={**ORG, **MFA})]},
        {"aws:PrincipalOrgID": "o-1"},
        YES,
        {"Bool": {"aws:MultiFactorAuthPresent": ["true"]}},
    ),
    ({"identity": [allow(Condition={**ORG, **MFA})]}, {"aws:PrincipalOrgID": "o-2"}, IMPLICIT, None),
    (
        {"identity": [allow(Condition={**ORG, **MFA})]},
        {},
        YES,
        {
            "all": [
                {"StringEquals": {"aws:PrincipalOrgID": ["o-1"]}},
                {"Bool": {"aws:MultiFactorAuthPresent": ["true"]}},
            ]
        },
    ),
    (
        {"identity": [allow(Condition=ORG), allow(Condition=MFA)]},
        {},
        YES,
        {
            "any": [
                {"StringEquals": {"aws:PrincipalOrgID": ["o-1"]}},
                {"Bool": {"aws:MultiFactorAuthPresent": ["true"]}},
            ]
        },
    ),
    ({"identity": [allow(Condition=ORG), ALL]}, {}, YES, None),
    ({"identity": [ALL, deny(Condition=ORG)]}, {}, YES, {"not": {"StringEquals": {"aws:PrincipalOrgID": ["o-1"]}}}),
    ({"identity": [ALL, deny(Condition=ORG)]}, {"aws:PrincipalOrgID": "o-1"}, EXPLICIT, None),
    ({"identity": [ALL, deny(Condition=ORG)]}, {"aws:PrincipalOrgID": "o-2"}, YES, None),
    ({"identity": [ALL, deny()]}, {}, EXPLICIT, None),
    ({"identity": [allow(Condition=ORG), deny()]}, {}, EXPLICIT, None),
    ({"identity": [deny(Condition=ORG)]}, {}, IMPLICIT, None),
    (
        {"identity": [ALL], "scps": [[ALL, deny(Condition=NOT_ORG)]]},
        {},
        YES,
        {"not": {"StringNotEquals": {"aws:PrincipalOrgID": ["o-1"]}}},
    ),
    (
        {"identity": [ALL], "boundary": [allow(Condition=MFA)]},
        {},
        YES,
        {"Bool": {"aws:MultiFactorAuthPresent": ["true"]}},
    ),
    ({"identity": [ALL], "boundary": [allow("s3:*", Condition=MFA)]}, {}, IMPLICIT, None),
    (
        {"resource": allow(principal={"AWS": USER}, Condition=ORG)},
        {},
        YES,
        {"StringEquals": {"aws:PrincipalOrgID": ["o-1"]}},
    ),
    ({"resource": allow(principal={"AWS": USER}, Condition=ORG), "identity": [ALL]}, {}, YES, None),
]


@pytest.mark.parametrize(("policies", "context", "decision", "must_hold"), CASES)
def test_what_some_context_allows_is_allowed_with_the_condition_that_must_hold(policies, context, decision, must_hold):
    found = ask(USER, "sqs:SendMessage", QUEUE, policies, mode="discovery", context=context)

    assert (found["decision"], found["residual_condition"]) == (decision, must_hold)


def knowing(presence, value):
    return [{"key": "aws:PrincipalOrgID", "presence_known": presence, "value_known": value}]


# condition of the only Allow, what is known of aws:PrincipalOrgID, whether the value o-1 is given, decision, residual
PARTLY = [
    ({"Null": {"aws:PrincipalOrgID": "false"}}, (True, False), False, YES, False),
    ({"Null": {"aws:PrincipalOrgID": "true"}}, (True, False), False, IMPLICIT, False),
    ({"Null": {"aws:PrincipalOrgID": "false"}}, (False, False), False, YES, True),
    ({"Null": {"aws:PrincipalOrgID": "true"}}, (True, True), False, YES, False),
    (ORG, (True, False), False, YES, True),
    (ORG, (True, True), False, IMPLICIT, False),
    (ORG, (False, False), False, YES, True),
    (ORG, (True, True), True, YES, False),
    (ORG, (False, True), True, YES, True),
    (NOT_ORG, (False, True), True, YES, True),
    (NOT_ORG, (True, True), True, IMPLICIT, False),
    (NOT_ORG, (True, True), False, YES, False),
    ({"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-1"}}, (False, True), True, YES, False),
    ({"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-2"}}, (False, True), True, YES, True),
]


@pytest.mark.parametrize(("condition", "known", "given", "decision", "conditional"), PARTLY)
def test_presence_and_value_of_a_key_are_known_apart(condition, known, given, decision, conditional):
    context = {"aws:PrincipalOrgID": "o-1"} if given else {}

    found = ask(
        USER, "sqs:SendMessage", QUEUE, {"identity": [allow(Condition=condition)]},
        mode="discovery", context=context, known=knowing(*known),
    )  # fmt: skip

    assert (found["decision"], found["residual_condition"] is not None) == (decision, conditional)


HOME = "arn:aws:s3:::box/${aws:username}/*"
# resource asked for, context, decision, whether a condition is left
VARIABLES = [
    ("arn:aws:s3:::box/bob/x", {}, YES, True),
    ("arn:aws:s3:::box/bob/x", {"aws:username": "bob"}, YES, False),
    ("arn:aws:s3:::box/bob/x", {"aws:username": "eve"}, IMPLICIT, False),
    ("arn:aws:s3:::other/bob/x", {}, IMPLICIT, False),
]


@pytest.mark.parametrize(("resource", "context", "decision", "conditional"), VARIABLES)
def test_a_variable_that_is_not_known_leaves_the_resource_open(resource, context, decision, conditional):
    policies = {"identity": [allow("s3:*", HOME)]}

    found = ask(USER, "s3:GetObject", resource, policies, mode="discovery", context=context)

    assert found["decision"] == decision
    assert found["residual_condition"] == ({"resource": HOME} if conditional else None)


# request, its policies, decision: single parts of what is asked for
WILD = [
    ("arn:aws:s3:::box/*", {"identity": [allow("s3:*", "arn:aws:s3:::box/a*")]}, YES),
    ("arn:aws:s3:::box/*", {"identity": [allow("s3:*", "arn:aws:s3:::bin/a*")]}, IMPLICIT),
    ("arn:aws:s3:::box/*", {"identity": [ALL, deny("s3:*", "arn:aws:s3:::box/a*")]}, YES),
    ("arn:aws:s3:::box/*", {"identity": [ALL, deny("s3:*", "arn:aws:s3:::box/*")]}, EXPLICIT),
    ("arn:aws:s3:::box/*", {"identity": [ALL, deny("s3:*", "arn:aws:s3:::*")]}, EXPLICIT),
    ("*", {"identity": [ALL, deny("s3:*", "arn:aws:s3:::box/*")]}, YES),
    ("*", {"identity": [allow("s3:*", OBJECT)]}, YES),
    (
        "arn:aws:s3:::box/*",
        {"identity": [allow("s3:*", "arn:aws:s3:::box/a*"), deny("s3:*", "arn:aws:s3:::box/a*")]},
        IMPLICIT,
    ),
    (
        "arn:aws:s3:::box/*",
        {"identity": [allow("s3:*", "arn:aws:s3:::box/a*")], "boundary": [allow("s3:*", "arn:aws:s3:::box/b*")]},
        IMPLICIT,
    ),
    (
        "arn:aws:s3:::box/*",
        {"identity": [allow("s3:*", "arn:aws:s3:::box/a*")], "boundary": [allow("s3:*", "arn:aws:s3:::box/*b")]},
        YES,
    ),
    (
        "arn:aws:s3:::box/*",
        {
            "identity": [ALL],
            "scps": [[ALL, document({"Effect": "Deny", "Action": "*", "NotResource": "arn:aws:s3:::bin/*"})]],
        },
        EXPLICIT,
    ),
    (
        "arn:aws:s3:::b*",
        {
            "identity": [ALL],
            "scps": [[ALL, document({"Effect": "Deny", "Action": "*", "NotResource": "arn:aws:s3:::bin/*"})]],
        },
        YES,
    ),
]


@pytest.mark.parametrize(("resource", "policies", "decision"), WILD)
@pytest.mark.parametrize("mode", ["strict", "discovery"])
def test_a_request_for_many_resources_is_allowed_when_one_of_them_is(resource, policies, decision, mode):
    assert ask(USER, "s3:GetObject", resource, policies, mode=mode)["decision"] == decision


# effect, condition, context, known keys, matches, keys that are missing
SINGLE = [
    ("Allow", ORG, {"aws:PrincipalOrgID": "o-1"}, [], True, []),
    ("Allow", ORG, {}, [], False, []),
    ("Deny", ORG, {}, [], False, []),
    ("Allow", ORG, {}, knowing(True, False), True, ["aws:PrincipalOrgID"]),
    ("Deny", ORG, {}, knowing(True, False), False, ["aws:PrincipalOrgID"]),
    ("Allow", ORG, {}, knowing(True, True), False, []),
    ("Allow", {**ORG, **MFA}, {"aws:MultiFactorAuthPresent": "false"}, knowing(False, False), False, []),
    (
        "Allow",
        {**ORG, **MFA},
        {"aws:MultiFactorAuthPresent": "true"},
        knowing(False, False),
        True,
        ["aws:PrincipalOrgID"],
    ),
    ("Allow", {}, {}, [], True, []),
    ("Allow", {"StringOdd": {"a": "b"}}, {"a": "b"}, [], False, []),
]


@pytest.mark.parametrize(("effect", "condition", "context", "known", "matches", "unresolved"), SINGLE)
def test_an_open_condition_counts_for_an_allow_and_not_for_a_deny(
    effect, condition, context, known, matches, unresolved
):
    question = {"suite": "condition", "effect": effect, "condition": condition, "context": context}

    found = answer({**question, "known_context": known, "single": False})

    assert (found["matches"], found["unresolved_keys"]) == (matches, unresolved)


def test_what_cannot_be_understood_is_neither_an_allow_nor_passed_over_as_a_deny():
    odd = {"StringMatches": {"aws:PrincipalOrgID": "o-1"}}
    may, must_not = {"identity": [allow(Condition=odd)]}, {"identity": [ALL, deny(Condition=odd)]}

    for policies in (may, must_not):
        found = ask(USER, "sqs:SendMessage", QUEUE, policies)

        assert found["decision"] == IMPLICIT
        assert ask(USER, "sqs:SendMessage", QUEUE, policies, mode="discovery")["decision"] == YES


def test_a_session_is_within_what_its_role_may_possibly_do():
    policies = {"identity": [allow(Condition=MFA)], "session": document(statement("Allow", "sqs:*"))}

    found = ask(SESSION, "sqs:SendMessage", QUEUE, policies, mode="discovery")

    assert found["residual_condition"] == {"Bool": {"aws:MultiFactorAuthPresent": ["true"]}}
    assert ask(SESSION, "iam:PassRole", ROLE, policies, mode="discovery")["decision"] == IMPLICIT


# policies whose conditions contradict each other
BELOW_5, BELOW_6 = {"NumericLessThan": {"a:b": "5"}}, {"NumericLessThan": {"a:b": "6"}}
NEVER = [
    {"identity": [allow(Condition=ORG), deny(Condition=ORG)]},
    {"identity": [allow(Condition=ORG)], "boundary": [allow(Condition=NOT_ORG)]},
    {"identity": [allow(Condition=ORG)], "scps": [[allow(Condition={"StringEquals": {"aws:PrincipalOrgID": "o-2"}})]]},
    {
        "identity": [
            allow(Condition={"NumericLessThan": {"a:b": "5"}}),
            deny(Condition={"NumericLessThan": {"a:b": "6"}}),
        ]
    },
    {"identity": [allow(Condition=MFA), deny(Condition={"Null": {"aws:MultiFactorAuthPresent": "false"}})]},
    {"identity": [allow(Condition={"StringLike": {"a:b": "x*"}}), deny(Condition={"StringLike": {"a:b": "*"}})]},
]
SOMETIMES = [
    {"identity": [allow(Condition=ORG), deny(Condition=NOT_ORG)]},
    {
        "identity": [
            allow(Condition={"NumericLessThan": {"a:b": "6"}}),
            deny(Condition={"NumericLessThan": {"a:b": "5"}}),
        ]
    },
    {"identity": [allow(Condition={"StringLike": {"a:b": "x*"}}), deny(Condition={"StringEquals": {"a:b": "x"}})]},
    {"identity": [allow(Condition=MFA), deny(Condition=ORG)]},
    {"identity": [allow(Condition=MFA), deny(Condition={"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}})]},
]


@pytest.mark.parametrize(
    ("policies", "decision"), [(one, IMPLICIT) for one in NEVER] + [(one, YES) for one in SOMETIMES]
)
def test_what_no_single_context_can_meet_is_not_allowed(policies, decision):
    assert ask(USER, "sqs:SendMessage", QUEUE, policies, mode="discovery")["decision"] == decision


def test_a_colon_in_the_value_of_a_variable_begins_no_new_part_of_an_arn():
    policies = {"identity": [allow("iam:*", "arn:aws:iam::${aws:PrincipalTag/account}:role/*")]}
    context = {"aws:PrincipalTag/account": "111122223333:role/app"}

    found = ask(USER, "iam:PassRole", "arn:aws:iam::111122223333:role/app:role/x", policies, context=context)

    assert found["decision"] == IMPLICIT
