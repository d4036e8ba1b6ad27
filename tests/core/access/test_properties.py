"""What must hold for all policies: found by trying, over a small world that can be asked resource by resource."""

from hypothesis import given, settings
from hypothesis import strategies as st

from scanners.access.aws import ABSENT, UNKNOWN, Context, Layers, Principal, Request, compile_policy, decide
from scanners.access.aws.patterns import common, covers, matcher, overlap, parse
from scanners.access.questions import answer, answers
from tests.core.access.asking import HERE, ROLE, SESSION, USER

WORLD = ["arn:aws:s3:::a", "arn:aws:s3:::ab", "arn:aws:s3:::b", "arn:aws:s3:::ba", "arn:aws:s3:::aba"]
PATTERNS = ["*", "arn:aws:s3:::*", "arn:aws:s3:::a*", "arn:aws:s3:::*b", "arn:aws:s3:::?", "arn:aws:s3:::*a*", *WORLD]
KEYS = ["a:x", "a:y"]
VALUES = ["1", "2"]

conditions = st.dictionaries(
    st.sampled_from([
        "StringEquals", "StringNotEquals", "StringLikeIfExists", "Null", "ForAllValues:StringEquals",
        "ForAnyValue:StringLike", "Bool", "NumericLessThan",
    ]),
    st.dictionaries(st.sampled_from(KEYS), st.lists(st.sampled_from([*VALUES, "true", "*"]), min_size=1, max_size=2)),
    max_size=2,
)  # fmt: skip
resources = st.one_of(
    st.builds(lambda r: {"Resource": r}, st.lists(st.sampled_from(PATTERNS), min_size=1, max_size=2)),
    st.builds(lambda r: {"NotResource": r}, st.lists(st.sampled_from(PATTERNS), min_size=1, max_size=2)),
)
actions = st.sampled_from([
    {"Action": "s3:GetObject"}, {"Action": "*"}, {"Action": "s3:Get*"}, {"NotAction": "s3:Put*"}, {"NotAction": "s3:*"},
])  # fmt: skip


def statements(effect):
    return st.builds(
        lambda a, r, c: {"Effect": effect, **a, **r, **({"Condition": c} if c else {})}, actions, resources, conditions
    )


either = st.one_of(statements("Allow"), statements("Deny"))
named = st.builds(
    lambda s, p: {**s, "Principal": p},
    either,
    st.sampled_from(["*", {"AWS": USER}, {"AWS": ROLE}, {"AWS": SESSION}, {"AWS": HERE}, {"Service": "a.b"}]),
)
documents = st.builds(lambda s: {"Version": "2012-10-17", "Statement": s}, st.lists(either, max_size=3))
layers = st.fixed_dictionaries({
    "identity": st.lists(documents, min_size=1, max_size=2),
    "boundary": st.one_of(st.none(), st.lists(documents, max_size=1)),
    "scps": st.lists(st.lists(documents, max_size=2), max_size=2),
    "resource": st.one_of(
        st.none(), st.builds(lambda s: {"Version": "2012-10-17", "Statement": s}, st.lists(named, max_size=3))
    ),
    "session": st.one_of(st.none(), documents),
})  # fmt: skip
contexts = st.dictionaries(st.sampled_from(KEYS), st.one_of(st.sampled_from(VALUES), st.lists(st.sampled_from(VALUES))))
callers = st.sampled_from([Principal("aws", USER), Principal("aws", ROLE), Principal("aws", SESSION)])
accounts = st.sampled_from([HERE, "444455556666"])


def decided(who, account, policies, context, resource=WORLD[0]):
    return decide(Request(who, "s3:GetObject", resource, account, False), Layers.of(**policies), context)


def places(policies):
    """Every list of statements in the layers, to add to."""
    yield from (one["Statement"] for one in policies["identity"])
    yield from (one["Statement"] for one in policies["boundary"] or ())
    yield from (one["Statement"] for level in policies["scps"] for one in level)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(callers, accounts, layers, contexts, statements("Deny"), st.integers(0, 9), st.booleans())
def test_a_further_deny_never_adds_access(who, account, policies, values, more, place, open_):
    context = Context.of(values, otherwise=UNKNOWN if open_ else ABSENT)
    before = decided(who, account, policies, context)
    lists = list(places(policies))
    lists[place % len(lists)].append(more)

    after = decided(who, account, policies, context)

    assert (before.sure, before.possible) >= (after.sure, after.possible)
    assert before.sure or not after.sure
    assert before.possible or not after.possible


@settings(max_examples=60, deadline=None, derandomize=True)
@given(callers, accounts, layers, contexts, statements("Allow"), st.integers(0, 9), st.booleans())
def test_a_further_allow_never_takes_access_away(who, account, policies, values, more, place, open_):
    context = Context.of(values, otherwise=UNKNOWN if open_ else ABSENT)
    before = decided(who, account, policies, context)
    lists = list(places(policies))
    lists[place % len(lists)].append(more)

    after = decided(who, account, policies, context)

    assert after.sure or not before.sure
    assert after.possible or not before.possible


@settings(max_examples=60, deadline=None, derandomize=True)
@given(callers, accounts, layers, contexts, st.dictionaries(st.sampled_from(KEYS), st.sampled_from([*VALUES, None])))
def test_what_is_sure_holds_for_every_completion_and_what_holds_was_possible(who, account, policies, known, rest):
    unknown = decided(who, account, policies, Context.of(known, otherwise=UNKNOWN))

    complete = decided(who, account, policies, Context.of({**rest, **known}))

    assert unknown.possible or not unknown.sure
    assert complete.sure or not unknown.sure
    assert unknown.possible or not complete.sure


@settings(max_examples=60, deadline=None, derandomize=True)
@given(callers, accounts, layers, contexts, st.sampled_from(["*", "arn:aws:s3:::*", "arn:aws:s3:::a*"]))
def test_a_request_with_a_star_is_allowed_when_a_resource_it_stands_for_is(who, account, policies, values, star):
    context = Context.of(values)
    asked = matcher(parse(star))

    whole = decided(who, account, policies, context, star)

    each = [decided(who, account, policies, context, arn).sure for arn in WORLD if asked(arn)]
    assert whole.sure or not any(each)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(callers, accounts, layers, contexts)
def test_a_star_is_denied_when_every_resource_is(who, account, policies, values):
    context = Context.of(values)
    others = [
        "arn:aws:s3:::" + tail for tail in ("c", "ca", "cab", "abb", "bab", "cc", "", "aab", "a\u2042", "\u2042b")
    ]

    star = decided(who, account, policies, context, "arn:aws:s3:::*")

    assert any(decided(who, account, policies, context, arn).sure for arn in WORLD + others) or not star.sure


small = st.text("ab*?", max_size=7)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(small, small, st.lists(st.text("abc", max_size=7), max_size=20))
def test_patterns_agree_with_the_texts_they_match(one, other, texts):
    left, right = parse(one), parse(other)
    both = [text for text in texts if matcher(left)(text) and matcher(right)(text)]
    told = common(left, right, "c")

    assert overlap(left, right) is (told is not None)
    assert told is None or (matcher(left)(told) and matcher(right)(told))
    assert overlap(left, right) or not both
    if covers(left, right):
        assert all(matcher(left)(text) for text in texts if matcher(right)(text))


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.text("ab*?", max_size=8), st.text("ab", max_size=8))
def test_a_pattern_matches_what_a_slow_and_simple_matcher_matches(pattern, text):
    def slow(p, t):
        if not p:
            return not t
        if p[0] == "*":
            return slow(p[1:], t) or (bool(t) and slow(p, t[1:]))
        return bool(t) and p[0] in ("?", t[0]) and slow(p[1:], t[1:])

    assert matcher(parse(pattern))(text) is slow(pattern, text)


json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)),
    max_leaves=12,
)
words = st.sampled_from([
    "Version", "Statement", "Effect", "Action", "NotAction", "Resource", "NotResource", "Principal", "NotPrincipal",
    "Condition", "Sid", "Allow", "Deny", "AWS", "StringEquals", "*", "2012-10-17", "s3:*", "${aws:username}",
])  # fmt: skip
odd_policies = st.recursive(
    st.one_of(words, json_values),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(words, inner, max_size=5)),
    max_leaves=20,
)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(odd_policies)
def test_no_document_crashes_the_reader_or_allows_surely_what_it_does_not_say(odd):
    policy = compile_policy(odd)

    found = decide(Request(Principal("aws", USER), "s3:GetObject", WORLD[0], HERE, False), Layers.of(identity=[policy]))

    written = str(odd)
    assert not found.sure or ("Allow" in written and ("Action" in written or "NotAction" in written))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.dictionaries(st.sampled_from(["id", "suite", "request", "policies", "policy", "a", "b"]), odd_policies))
def test_no_question_goes_without_an_answer(question):
    found = answer(question)

    assert "id" in found and len(found) > 1


@settings(max_examples=50, deadline=None, derandomize=True)
@given(st.lists(st.binary(max_size=30).filter(lambda line: b"\n" not in line), max_size=5))
def test_every_line_has_its_answer(lines):
    assert len(list(answers(lines))) == sum(1 for line in lines if line.strip())
