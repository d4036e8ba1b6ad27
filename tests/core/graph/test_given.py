"""Grants of keys and access lists of buckets let callers in that no policy names."""

from __future__ import annotations

import pytest

from scanners.access.explorer import Answer
from scanners.graph.changing import edits
from scanners.graph.deciding import deciding
from scanners.graph.everybody import who_can
from scanners.graph.explaining import layers_say
from scanners.graph.judging import ANYBODY, Judging
from scanners.graph.reach import reach_of
from scanners.graph.standing import view
from scanners.graph.targets import target
from tests.core.cases import refused, resource
from tests.core.graph.corpus import ACCOUNT, allow, arn, policy
from tests.core.graph.test_judging import DECRYPT, GET, KEY, estate, letting, organisation
from tests.core.graph.test_stored import role, user

TRUST = policy({"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"})
APP = role("app", TRUST)
OWN = letting({"AWS": ACCOUNT}, "kms:*")
STRANGER = "arn:aws:iam::999988887777:role/auditor"
ALL, SIGNED_IN = (f"http://acs.amazonaws.com/groups/global/{one}" for one in ("AllUsers", "AuthenticatedUsers"))
PHOTOS = "arn:aws:s3:::photos"


def grant(*operations, to=APP.ref, **more):
    return {"GrantId": "g1", "GranteePrincipal": to, "Operations": [*operations], **more}


def key(*grants, statements=(OWN,), **gaps):
    said = {} if gaps else {"ListGrants": [*grants]}
    return resource("AWS::KMS::Key", KEY, GetKeyPolicy={"Policy": policy(*statements)}, gaps=gaps, **said)


def judged(who, action, on, *around, unread=()):
    asked = view(estate(*around, unread=unread))
    return Judging(asked, action, target(asked.estate, on)).of(asked.named(who))


def everybody(action, on, *around):
    asked = view(estate(*around))
    return {one.who.value: one.answer for one in who_can(asked, action, target(asked.estate, on))}


SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/app/nightly"
PAIR = {"EncryptionContextSubset": {"order": "7"}}
GRANTED = [  # the key with its grants, the action, the answer to a role whose own policies give nothing
    (key(grant("Decrypt")), DECRYPT, Answer.ALLOWED),
    (key(), DECRYPT, Answer.DENIED),
    (key(grant("Encrypt")), DECRYPT, Answer.DENIED),
    (key(grant("Decrypt", to=arn("role", "other"))), DECRYPT, Answer.DENIED),
    (key(grant("Decrypt", to="AROAEXAMPLEID")), DECRYPT, Answer.DENIED),
    (key(grant("Decrypt", to=SESSION)), DECRYPT, Answer.IF),
    (key(grant("Decrypt", Constraints=PAIR)), DECRYPT, Answer.IF),
    (key(grant("DescribeKey", Constraints=PAIR)), "kms:DescribeKey", Answer.ALLOWED),
    (key(grant("Decrypt", Constraints={"SourceArn": "arn:aws:s3:::x"})), DECRYPT, Answer.DENIED),
    (key(grant("Decrypt"), statements=(OWN, letting("*", DECRYPT, effect="Deny"))), DECRYPT, Answer.DENIED),
    (key(grant("Decrypt", to=STRANGER, RetiringPrincipal=APP.ref)), "kms:RetireGrant", Answer.ALLOWED),
    (key(grant("Decrypt", to=STRANGER, RetiringPrincipal=APP.ref)), DECRYPT, Answer.DENIED),
    (key(ListGrants=refused("ListGrants")), DECRYPT, Answer.UNKNOWN),
    (key({"GrantId": "g", "Operations": ["Decrypt"]}), DECRYPT, Answer.UNKNOWN),  # it names nobody
    (key(grant("Decrypt", Constraints={"EncryptionContextEquals": ["odd"]})), DECRYPT, Answer.UNKNOWN),
    (key("nonsense"), DECRYPT, Answer.UNKNOWN),
]  # fmt: skip


@pytest.mark.parametrize(("of", "action", "answer"), GRANTED)
def test_a_grant_lets_its_grantee_in(of, action, answer):
    assert judged("app", action, KEY, APP, of).answer is answer


def test_a_boundary_and_the_organisation_bind_a_grantee():
    limit = {"PermissionsBoundaryArn": "arn:aws:iam::aws:policy/AmazonSQSFullAccess"}
    bound = role("app", TRUST, PermissionsBoundary=limit)

    assert judged("app", DECRYPT, KEY, bound, key(grant("Decrypt"))).answer is Answer.DENIED
    assert judged("app", DECRYPT, KEY, APP, key(grant("Decrypt")), *organisation("kms:*")).answer is Answer.DENIED


def test_the_grant_itself_is_the_proof():
    asked = judged("app", DECRYPT, KEY, APP, key(grant("Encrypt", GrantId="g0"), grant("Decrypt", Name="nightly")))

    (shown,) = (one for one in deciding(asked) if one.layer.startswith("grant"))
    said = {one.layer: one for one in layers_say(asked)}["grant"]
    assert (shown.policy, shown.pointer) == ("grant nightly of 1", "/ListGrants/1")
    assert shown.statement["Operations"] == ["Decrypt"]
    assert (said.verdict, [one.place for one in said.statements]) == ("allows", ["as a whole"])
    assert next(one.words for one in edits(asked)) == "take grant nightly of 1 away"


def test_grantees_outside_the_account_are_listed():
    names = (STRANGER, "rds.eu-west-1.amazonaws.com", "dynamodb.amazonaws.com")
    service = {"GrantId": "g3", "GranteeServicePrincipal": names[2], "Operations": ["Decrypt"]}

    found = everybody(DECRYPT, KEY, APP, key(*(grant("Decrypt", to=one) for one in names[:2]), service))

    assert [found[one] for one in names] == [Answer.ALLOWED] * 3


def test_what_a_role_reaches_counts_the_keys_that_it_was_granted():
    asked = view(estate(APP, key(grant("Decrypt"))))

    (found,) = reach_of(asked, asked.named("app")).things

    assert (found.kind, [touch.verb for touch in found.touches]) == ("AWS::KMS::Key", ["read"])


# access lists of buckets


def entry(permission, group="", account=""):
    to = {"Type": "Group", "URI": group} if group else {"Type": "CanonicalUser", "ID": account}
    return {"Grantee": to, "Permission": permission}


def bucket(*entries, ignore=False, statements=(), restricted=False, owner=True, **gaps):
    acl = {"Grants": [entry("FULL_CONTROL", account="owner"), *entries]} | ({"Owner": {"ID": "owner"}} if owner else {})
    block = {"IgnorePublicAcls": ignore, "RestrictPublicBuckets": restricted}
    said = {"GetPublicAccessBlock": block} | ({} if gaps else {"GetBucketAcl": acl})
    written = {"Policy": policy(*statements)} if statements else None
    return resource("AWS::S3::Bucket", PHOTOS, GetBucketPolicy=written, gaps=gaps, **said)


LIST, PUT = "s3:ListBucket", "s3:PutObject"
FORBIDDEN = letting("*", LIST, PHOTOS, effect="Deny")
NONE, YES = (None, None), (Answer.ALLOWED, Answer.ALLOWED)
LISTED = [  # the bucket, action, on what, the answers to anyone and to any AWS account
    (bucket(entry("READ", ALL)), LIST, PHOTOS, YES),
    (bucket(entry("READ", SIGNED_IN)), LIST, PHOTOS, (Answer.DENIED, Answer.ALLOWED)),
    (bucket(entry("READ", ALL)), PUT, f"{PHOTOS}/x", NONE),
    (bucket(entry("WRITE", ALL)), PUT, f"{PHOTOS}/x", YES),
    (bucket(entry("FULL_CONTROL", ALL)), "s3:PutBucketAcl", PHOTOS, YES),
    (bucket(entry("READ", ALL), ignore=True), LIST, PHOTOS, NONE),
    (bucket(entry("READ", ALL), restricted=True), LIST, PHOTOS, YES),  # that block is about policies
    (bucket(entry("READ", ALL), statements=(FORBIDDEN,)), LIST, PHOTOS, (Answer.DENIED,) * 2),
    (bucket(), GET, f"{PHOTOS}/x", (Answer.UNKNOWN,) * 2),  # an object may have a list of its own
    (bucket(ignore=True), GET, f"{PHOTOS}/x", NONE),
    (bucket(), PUT, f"{PHOTOS}/x", NONE),
]  # fmt: skip


@pytest.mark.parametrize(("of", "action", "on", "answers"), LISTED)
def test_an_access_list_lets_strangers_in(of, action, on, answers):
    found = everybody(action, on, user("ann"), of)

    assert (found.get(None), found.get(ANYBODY.value)) == answers


def test_a_public_entry_opens_no_policy_that_is_blocked():
    """Which blocks a policy is told by the policy alone: entries beside it make it neither public nor private."""
    named = letting({"AWS": STRANGER}, LIST, PHOTOS)

    found = everybody(LIST, PHOTOS, user("ann"), bucket(entry("WRITE", ALL), statements=(named,), restricted=True))

    assert found[STRANGER] is Answer.ALLOWED


def test_an_account_in_the_list_is_told_by_its_canonical_id_and_the_owner_is_not_listed():
    found = everybody(LIST, PHOTOS, user("ann"), bucket(entry("READ", account="c0ffee")))

    assert found["c0ffee"] is Answer.ALLOWED
    assert "owner" not in found


def test_a_list_that_was_not_read_or_does_not_tell_its_owner_leaves_it_open():
    ann = user("ann")

    for odd in (bucket(GetBucketAcl=refused("GetBucketAcl")), bucket(owner=False)):
        assert judged("ann", LIST, PHOTOS, ann, odd).answer is Answer.UNKNOWN


def test_a_list_that_is_switched_off_changes_nothing():
    off = resource("AWS::S3::Bucket", PHOTOS, GetBucketPolicy=None, GetPublicAccessBlock=None)

    found = everybody(GET, f"{PHOTOS}/x", user("ann", allow(GET)), off)

    assert found == {arn("user", "ann"): Answer.ALLOWED, f"arn:aws:iam::{ACCOUNT}:root": Answer.ALLOWED}


def test_of_thousands_of_grants_those_that_name_the_caller_are_asked_and_told():
    others = [grant("Decrypt", to=arn("role", f"r{n}"), GrantId=f"o{n}") for n in range(2_000)]

    asked = judged("app", DECRYPT, KEY, APP, key(*others, grant("Decrypt", GrantId="mine")))

    said = {one.layer: one for one in layers_say(asked)}["grant"]
    assert asked.answer is Answer.ALLOWED
    assert [one.name for one in said.policies] == ["grant mine of 1"]
