"""Ways across clouds: each door opens to the token it means and to no other; chains over three clouds are one way."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from scanners.access.explorer import Answer, Decided, Hop, NotFound, Principal, Way, Ways
from scanners.graph.across import Across, Home
from scanners.graph.federation import aws, azure, gcp
from scanners.graph.federation.azure import IDENTITY, TRUSTED_BY_IDENTITY
from scanners.graph.federation.tokens import HOLE, claiming, issuer, named_by_aws, of_aws, of_entra, of_google, token
from scanners.model import Provider
from scanners.model.estate import Estate
from tests.core.cases import ACCOUNT, NOW, refused, resource

GITHUB = "token.actions.githubusercontent.com"
MAIN = "repo:fernhollow/shop:ref:refs/heads/main"
UNIQUE, EMAIL = "100000000000000000001", "deployer@shop.iam.gserviceaccount.com"
TENANT, CLIENT = "11111111-2222-3333-4444-555555555555", "99999999-2222-3333-4444-555555555555"
POOL = "projects/42/locations/global/workloadIdentityPools/ci"
SETS = f"principalSet://iam.googleapis.com/{POOL}"
ONE = f"principal://iam.googleapis.com/{POOL}"


TENANCY = resource("Microsoft.Graph/organization", "/organization/t", resource={"id": TENANT})


# builders


def estate(*rows, unread=(), account=ACCOUNT):
    gaps = {kind: (refused("List" + kind),) for kind in unread}
    return Estate(account, NOW, lambda kind: [row for row in rows if row.kind == kind], gaps)


def provider(host=GITHUB, *clients):
    told = {"Url": host, "ClientIDList": list(clients or ("sts.amazonaws.com",))}
    ref = f"arn:aws:iam::{ACCOUNT}:oidc-provider/{host}"
    return resource("AWS::IAM::OIDCProvider", ref, GetOpenIDConnectProvider=told)


def trusting(name, *statements):
    trust = {"Version": "2012-10-17", "Statement": list(statements)}
    ref = f"arn:aws:iam::{ACCOUNT}:role/{name}"
    return resource("AWS::IAM::Role", ref, GetAccountAuthorizationDetails={"AssumeRolePolicyDocument": trust})


def statement(host=GITHUB, effect="Allow", federated="", **condition):
    return {
        "Effect": effect,
        "Principal": {"Federated": federated or f"arn:aws:iam::{ACCOUNT}:oidc-provider/{host}"},
        "Action": "sts:AssumeRoleWithWebIdentity",
        **({"Condition": condition} if condition else {}),
    }


def of(sub, host=GITHUB, aud="sts.amazonaws.com", operator="StringEquals"):
    return {"StringEquals": {f"{host}:aud": aud}} | {operator: {f"{host}:sub": sub} | (
        {f"{host}:aud": aud} if operator == "StringEquals" else {})}  # fmt: skip


def pool_provider(condition="", mapping=None, **more):
    told = {
        "name": f"{POOL}/providers/it",
        "state": "ACTIVE",
        "attributeMapping": {"google.subject": "assertion.sub"} if mapping is None else mapping,
        "oidc": {"issuerUri": f"https://{GITHUB}"},
        **({"attributeCondition": condition} if condition else {}),
        **more,
    }
    kind = "iam.googleapis.com/WorkloadIdentityPoolProvider"
    return resource(kind, f"//iam.googleapis.com/{told['name']}", resource=told)


def service_account(**more):
    told = {"uniqueId": UNIQUE, "email": EMAIL, **more}
    return resource("iam.googleapis.com/ServiceAccount", f"//iam.googleapis.com/x/{UNIQUE}", resource=told)


def application(*credentials, who="boss"):
    trusted = {"applications.federated_identity_credentials.list": list(credentials)}
    return resource("Microsoft.Graph/applications", "/applications/1", resource={"appId": f"app-{who}"}, **trusted)


def credential(sub=MAIN, of=f"https://{GITHUB}", audience="api://AzureADTokenExchange", **more):
    return {"name": "ci", "issuer": of, "subject": sub, "audiences": [audience] if audience else [], **more}


def principal(who="boss", **more):
    told = {"id": who, "appId": f"app-{who}", "displayName": who, "accountEnabled": True, **more}
    return resource("Microsoft.Graph/servicePrincipals", f"/servicePrincipals/{who}", resource=told)


@dataclass
class Known:
    """An explorer of few words: who there is, who is an administrator, who leads to whom."""

    people: tuple[str, ...] = ()
    bosses: tuple[str, ...] = ()
    leads: dict[str, str] = field(default_factory=dict)
    unsure: tuple[str, ...] = ()

    def principals(self):
        return [Principal(one, one.rpartition("/")[2], "role") for one in self.people]

    def principal(self, text):
        if text not in self.people:
            raise NotFound(text)
        return Principal(text, text.rpartition("/")[2], "role")

    def ways(self, origin=None, goal=None):
        steps, at = [], origin.ref
        while at in self.leads and at != (goal.ref if goal else None) and at not in self.bosses:
            step = Hop(self.principal(at), self.principal(self.leads[at]), "inside", "a step", ())
            steps.append(step)
            at = self.leads[at]
        done = at == goal.ref if goal else at in self.bosses
        if at in self.unsure:
            return Ways((Way(origin, None, unknown=("nobody knows",)),))
        return Ways((Way(origin, done, done and not steps, ("inside",) if steps else (), tuple(steps)),))


def walked(found):
    return [(hop.origin.name, hop.by, hop.target.name) for hop in found.way.steps]


# AWS


def opened(door, shown):
    found = door.opens(shown)
    return found.answer if found else None


ROLES = [
    # conditions of the trust, the subject of the token → how the door opens
    (of(MAIN), MAIN, Answer.ALLOWED),
    (of(MAIN), "repo:fernhollow/shop:ref:refs/heads/dev", None),
    (of("repo:fernhollow/shop:*", operator="StringLike"), MAIN, Answer.ALLOWED),
    (of("repo:fernhollow/shop:*", operator="StringLike"), f"repo:fernhollow/shop:{HOLE}", Answer.ALLOWED),
    (of("repo:fernhollow/shop:*", operator="StringLike"), f"repo:fernhollow/{HOLE}", None),
    (of("repo:fernhollow/shop:*", operator="StringLike"), "repo:fernhollow/shop2:ref:x", None),
    (of("repo:fernhollow/*"), "repo:fernhollow/shop:ref:x", None),  # an equals knows no wildcards
    (of(MAIN, aud="another"), MAIN, None),
    ({"StringEquals": {f"{GITHUB}:aud": "sts.amazonaws.com"}}, MAIN, Answer.ALLOWED),
    (of(MAIN) | {"StringLike": {f"{GITHUB}:job_workflow_ref": "x/*"}}, MAIN, Answer.IF),
    ({"StringEquals": {f"{GITHUB}:repository": "fernhollow/shop"}}, MAIN, Answer.ALLOWED),
    ({"StringEquals": {f"{GITHUB}:repository": "fernhollow/other"}}, MAIN, None),
    (of(MAIN) | {"StringNotEquals": {f"{GITHUB}:ref": "refs/heads/main"}}, MAIN, None),
    (of(MAIN) | {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}, MAIN, Answer.IF),
]  # fmt: skip


@pytest.mark.parametrize(("condition", "sub", "answer"), ROLES, ids=range(len(ROLES)))
def test_a_role_takes_the_tokens_its_trust_asks_for(condition, sub, answer):
    (door,) = aws.doors(estate(provider(), trusting("ci", statement(**condition)))).doors

    assert opened(door, token(GITHUB, sub)) is answer


def test_the_statement_of_the_trust_is_the_proof():
    (door,) = aws.doors(estate(provider(), trusting("ci", statement(**of(MAIN))))).doors

    ((permission, on, decided),) = door.opens(token(GITHUB, MAIN)).because

    assert (permission, on) == ("sts:AssumeRoleWithWebIdentity", f"arn:aws:iam::{ACCOUNT}:role/ci")
    assert [(via.effect, via.place, via.mark) for via in decided.via] == [("Allow", "statement 0", "/Statement/0")]


def test_a_deny_in_the_trust_shuts_the_door():
    shut = trusting("ci", statement(**of(MAIN)), statement(effect="Deny", **of(MAIN)))
    (door,) = aws.doors(estate(provider(), shut)).doors

    assert door.opens(token(GITHUB, MAIN)) is None


def test_without_a_provider_in_the_account_no_token_is_taken():
    assert aws.doors(estate(trusting("ci", statement(**of(MAIN))))).doors == ()


def test_a_provider_takes_tokens_for_its_own_audiences_alone():
    (door,) = aws.doors(estate(provider(GITHUB, "other"), trusting("ci", statement(**of(MAIN))))).doors

    assert door.opens(token(GITHUB, MAIN)) is None


def test_nobody_knows_of_a_provider_that_was_not_read():
    kind = "AWS::IAM::OIDCProvider"
    (door,) = aws.doors(estate(trusting("ci", statement(**of(MAIN))), unread=(kind,))).doors

    assert opened(door, token(GITHUB, MAIN)) is Answer.UNKNOWN
    assert aws.doors(estate(unread=("AWS::IAM::Role",))).unread


def test_google_vouches_for_a_service_account_by_its_unique_id():
    google = "accounts.google.com"
    named = {"StringEquals": {f"{google}:sub": UNIQUE}}
    asked = {"StringEquals": {f"{google}:aud": UNIQUE, f"{google}:oaud": "my-own"}}
    for condition, who, answer in (
        (named, UNIQUE, Answer.ALLOWED),
        (named, "2", None),
        (asked, UNIQUE, Answer.ALLOWED),
        (asked, "2", None),
    ):
        (door,) = aws.doors(estate(trusting("g", statement(federated=google, **condition)))).doors
        assert opened(door, of_google(who, EMAIL)) is answer


def test_a_tenant_vouches_for_an_identity_by_its_object_id():
    host = f"sts.windows.net/{TENANT}/"
    trust = trusting("z", statement(host, StringEquals={f"{host}:sub": "oid-1", f"{host}:aud": "api://x"}))
    (door,) = aws.doors(estate(provider(host, "api://x"), trust)).doors

    assert opened(door, of_entra(TENANT, "oid-1", CLIENT)[0]) is Answer.ALLOWED
    assert door.opens(of_entra(TENANT, "oid-2", CLIENT)[0]) is None
    assert door.issuer == of_entra(TENANT, "oid-1", CLIENT)[0].issuer


# GCP

REPOSITORY = {"google.subject": "assertion.sub", "attribute.repository": "assertion.repository"}
POOLS = [
    # provider, what the policy names, the token's subject → how the door opens
    (pool_provider(), f"{ONE}/subject/{MAIN}", MAIN, Answer.ALLOWED),
    (pool_provider(), f"{ONE}/subject/{MAIN}", "repo:fernhollow/shop:ref:refs/heads/dev", None),
    (pool_provider(), f"{SETS}/*", MAIN, Answer.ALLOWED),
    (pool_provider(mapping=REPOSITORY), f"{SETS}/attribute.repository/fernhollow/shop", MAIN, Answer.ALLOWED),
    (pool_provider(mapping=REPOSITORY), f"{SETS}/attribute.repository/fernhollow/other", MAIN, None),
    (pool_provider(mapping={"google.subject": "assertion.sub", "attribute.repository": "assertion['repository']"}),
     f"{SETS}/attribute.repository/fernhollow/shop", MAIN, Answer.ALLOWED),
    (pool_provider(mapping={"google.subject": "'gh::' + assertion.repository"}),
     f"{ONE}/subject/gh::fernhollow/shop", MAIN, Answer.ALLOWED),
    (pool_provider(), f"{SETS}/attribute.repository/fernhollow/shop", MAIN, None),  # nothing maps it
    (pool_provider(mapping={"google.subject": "assertion.sub", "attribute.actor": "assertion.actor"}),
     f"{SETS}/attribute.actor/octocat", MAIN, Answer.IF),
    (pool_provider("assertion.repository_owner == 'fernhollow'"), f"{SETS}/*", MAIN, Answer.ALLOWED),
    (pool_provider("assertion.repository_owner == 'stranger'"), f"{SETS}/*", MAIN, None),
    (pool_provider("assertion.ref == 'refs/heads/main'"), f"{SETS}/*", "repo:fernhollow/shop:ref:refs/heads/dev", None),
    (pool_provider("assertion.actor_id == '7'"), f"{SETS}/*", MAIN, Answer.IF),
    (pool_provider("attribute.repository.startsWith('fernhollow/')", REPOSITORY), f"{SETS}/*", MAIN, Answer.ALLOWED),
    (pool_provider("((("), f"{SETS}/*", MAIN, Answer.UNKNOWN),
]  # fmt: skip


@pytest.mark.parametrize(("it", "member", "sub", "answer"), POOLS, ids=range(len(POOLS)))
def test_a_provider_maps_tokens_to_the_identities_that_policies_name(it, member, sub, answer):
    (door,) = gcp.doors(estate(it), [Principal(member, member, "federated")]).doors

    assert opened(door, token(GITHUB, sub)) is answer


def test_a_provider_names_nobody_by_what_it_does_not_map():
    member = f"{SETS}/attribute.repository/fernhollow/shop"

    (door,) = gcp.doors(estate(pool_provider()), [Principal(member, member, "federated")]).doors
    (mapped,) = gcp.doors(estate(pool_provider(mapping=REPOSITORY)), [Principal(member, member, "federated")]).doors

    assert list(door.named()) == []
    assert [one.shown for one in mapped.named()] == ["repo:fernhollow/shop:*"]


@pytest.mark.parametrize("off", [{"disabled": True}, {"state": "DELETED"}, {"oidc": {}}])
def test_a_provider_that_is_off_makes_no_identities(off):
    assert gcp.doors(estate(pool_provider(**off)), [Principal(f"{SETS}/*", "all", "federated")]).doors == ()


def test_a_pool_of_another_project_is_no_door_to_this_one():
    other = f"{SETS}/*".replace("/ci/", "/another/")

    assert gcp.doors(estate(pool_provider()), [Principal(other, "all", "federated")]).doors == ()


ROLE = f"arn:aws:iam::{ACCOUNT}:role/team/y"
SIGNED = f"arn:aws:sts::{ACCOUNT}:assumed-role/y"
SIGNERS = [
    (f"{SETS}/attribute.aws_role/{SIGNED}", Answer.ALLOWED),
    (f"{SETS}/attribute.aws_role/{SIGNED}2", None),
    (f"{ONE}/subject/{SIGNED}/session", None),  # of the role without a session: the named one is asked for below
    (f"{SETS}/*", Answer.ALLOWED),
]


@pytest.mark.parametrize(("member", "answer"), SIGNERS)
def test_a_role_of_aws_is_mapped_by_default(member, answer):
    it = pool_provider(mapping={}, aws={"accountId": ACCOUNT}, oidc=None)
    (door,) = gcp.doors(estate(it), [Principal(member, member, "federated")]).doors

    assert opened(door, of_aws(ROLE)) is answer
    assert door.issuer == of_aws(ROLE).issuer


def test_a_session_that_a_policy_names_is_one_that_the_role_may_choose():
    member = f"{ONE}/subject/{SIGNED}/deploy"
    it = pool_provider(mapping={}, aws={"accountId": ACCOUNT}, oidc=None)
    homes = (
        Home(Provider.AWS, estate(), Known((ROLE,))),
        Home(Provider.GCP, estate(it, account="shop"), Known((member,), (member,))),
    )

    (found,) = Across(homes).ways()

    assert (found.way.origin.ref, found.way.escalates) == (ROLE, True)


# Azure

CREDENTIALS = [
    (credential(), MAIN, Answer.ALLOWED),
    (credential(), "repo:fernhollow/shop:ref:refs/heads/dev", None),
    (credential(), f"repo:fernhollow/shop:{HOLE}", None),
    (credential(audience=""), MAIN, None),
    (credential(sub=None, claimsMatchingExpression={"value": "claims['sub'] matches 'repo:fernhollow/shop:*'"}), MAIN,
     Answer.ALLOWED),
    (credential(sub=None, claimsMatchingExpression={"value": "claims['sub'] matches 'repo:other/*'"}), MAIN, None),
    (credential(sub=None, claimsMatchingExpression={
        "value": "claims['sub'] matches 'repo:fernhollow/*' and claims['job_workflow_ref'] eq 'x'"}), MAIN, Answer.IF),
    (credential(sub=None, claimsMatchingExpression={"value": "whatever"}), MAIN, Answer.UNKNOWN),
    (credential(sub=None), MAIN, Answer.UNKNOWN),
]  # fmt: skip


@pytest.mark.parametrize(("it", "sub", "answer"), CREDENTIALS, ids=range(len(CREDENTIALS)))
def test_a_federated_credential_takes_its_subject_alone(it, sub, answer):
    (door,) = azure.doors(estate(application(it), principal())).doors

    assert opened(door, token(GITHUB, sub)) is answer


def identity(*credentials):
    told = {TRUSTED_BY_IDENTITY: [{"name": "ci", "properties": one} for one in credentials]}
    return resource(IDENTITY, "/subscriptions/x/mi", resource={"properties": {"principalId": "OID"}}, **told)


def test_a_user_assigned_identity_trusts_as_an_application_does():
    (door,) = azure.doors(estate(identity(credential()))).doors

    assert door.target.ref == "oid"
    assert opened(door, token(GITHUB, MAIN)) is Answer.ALLOWED
    assert opened(door, token(GITHUB, "repo:fernhollow/shop:ref:refs/heads/dev")) is None


def test_a_principal_that_is_switched_off_is_no_door():
    assert azure.doors(estate(application(credential()), principal(accountEnabled=False))).doors == ()
    assert azure.doors(estate(application(credential()))).doors == ()


def test_credentials_that_were_not_read_may_be_doors():
    section = "applications.federated_identity_credentials.list"
    shut = resource("Microsoft.Graph/applications", "/applications/1", gaps={section: refused(section)},
                    resource={"appId": "app-boss"})  # fmt: skip

    assert azure.doors(estate(shut, principal())).unread


# tokens


def test_a_subject_of_github_tells_its_repository():
    assert token(GITHUB, MAIN).claims["repository"] == "fernhollow/shop"
    assert token(GITHUB, "repo:a/b:environment:prod").claims["environment"] == "prod"
    assert "repository" not in token(GITHUB, f"repo:fernhollow/{HOLE}").claims
    assert claiming(GITHUB, "repository", "a/b").shown == "repo:a/b:*"
    assert claiming(GITHUB, "actor", "x").shown == "actor is x"


@pytest.mark.parametrize("url", ["https://X.y/z/", "http://x.Y/z", "x.y/z", "X.Y/z/"])
def test_issuers_are_compared_without_scheme_and_slash(url):
    assert issuer(url) == "x.y/z"


@pytest.mark.parametrize("text", ["", "arn", "arn:aws:iam::1:group/x", "https://[", "arn:aws:sts::1:x/y", "::::::"])
def test_nonsense_names_nobody(text):
    assert of_aws(text) is None
    assert named_by_aws(text).claims["arn"] == text
    assert isinstance(issuer(text), str)


# chains


def chain(
    trust=MAIN, condition="", mapped=f"{SETS}/attribute.aws_role/arn:aws:sts::{ACCOUNT}:assumed-role/y", sub=UNIQUE
):
    """GitHub → a role of AWS → an identity of a pool → a service account → an application of Azure, which is Owner."""
    role = f"arn:aws:iam::{ACCOUNT}:role/y"
    shop, account = "serviceAccount:" + EMAIL, "shop-project"
    mapping = pool_provider(condition, {}, aws={"accountId": ACCOUNT}, oidc=None)
    google = "https://accounts.google.com"
    return (
        Home(Provider.AWS, estate(provider(), trusting("y", statement(**of(trust)))), Known((role,))),
        Home(
            Provider.GCP,
            estate(mapping, service_account(), account=account),
            Known((mapped, shop), (), {mapped: shop}),
        ),
        Home(
            Provider.AZURE,
            estate(TENANCY, application(credential(sub, google)), principal(), account="subscription"),
            Known(("boss",), ("boss",)),
        ),
    )


def found_from(homes, origin):
    return {one.way.origin.name: one for one in Across(homes).ways()}[origin]


def test_a_workflow_comes_over_three_clouds_to_owner():
    found = found_from(chain(), MAIN)

    assert found.way.escalates is True
    assert [(hop.by, account) for hop, account in zip(found.way.steps, found.accounts, strict=True)] == [
        ("across-aws-web-identity", ACCOUNT),
        ("across-gcp-workload-identity", "shop-project"),
        ("inside", "shop-project"),
        ("across-azure-federated-credential", "subscription"),
    ]
    assert all(hop.because for hop in found.way.steps if hop.by != "inside")


@pytest.mark.parametrize(
    "broken",
    [
        {"mapped": f"{SETS}/attribute.aws_role/arn:aws:sts::{ACCOUNT}:assumed-role/other"},
        {"condition": "assertion.account == '000000000000'"},
        {"sub": "100000000000000000002"},
    ],
    ids=["another role", "a condition that fails", "another service account"],
)
def test_one_lock_on_the_way_that_does_not_open_ends_it(broken):
    assert found_from(chain(**broken), MAIN).way.escalates is False


def test_a_workflow_of_another_branch_is_another_origin():
    homes = chain(trust="repo:fernhollow/shop:ref:refs/heads/dev")

    assert MAIN not in {one.way.origin.name for one in Across(homes).ways()}


def test_each_on_the_way_is_an_origin_too():
    origins = {one.way.origin.name: len(one.way.steps) for one in Across(chain()).ways() if one.way.escalates}

    assert origins == {MAIN: 4, "y": 3, EMAIL: 1}


def test_one_who_crosses_nowhere_is_not_found():
    with pytest.raises(NotFound):
        Across(chain()).ways("repo:stranger/shop:ref:x")


def test_the_doors_whose_closing_stops_most_are_told():
    across = Across(chain())

    cuts = across.cuts(across.ways())

    assert cuts[0].at.name == "boss"
    assert [len(one.stops) for one in cuts] == [3, 2, 1]


def test_nobody_knows_of_a_way_over_what_was_not_read():
    aws_home, gcp_home, azure_home = chain()
    unread = Home(Provider.AWS, estate(trusting("y", statement(**of(MAIN))), unread=("AWS::IAM::OIDCProvider",)),
                  aws_home.explorer)  # fmt: skip

    found = found_from((unread, gcp_home, azure_home), MAIN)

    assert found.way.escalates is None
    assert "ListAWS::IAM::OIDCProvider" in found.way.unknown[0]


def test_a_list_of_doors_that_was_not_read_leaves_it_open_who_comes_in():
    aws_home, gcp_home, azure_home = chain(sub="100000000000000000002")
    shut = Home(Provider.AZURE, estate(unread=("Microsoft.Graph/applications",)), azure_home.explorer)

    assert found_from((aws_home, gcp_home, shut), MAIN).way.escalates is None


def test_circles_of_trust_end():
    """Two accounts that trust each other."""
    role, google = f"arn:aws:iam::{ACCOUNT}:role/y", "accounts.google.com"
    back = trusting("y", statement(federated=google, StringEquals={f"{google}:sub": UNIQUE}))
    member = f"{SETS}/attribute.aws_role/arn:aws:sts::{ACCOUNT}:assumed-role/y"
    robot = "serviceAccount:" + EMAIL
    it = pool_provider(mapping={}, aws={"accountId": ACCOUNT}, oidc=None)
    homes = (
        Home(Provider.AWS, estate(back), Known((role,))),
        Home(Provider.GCP, estate(it, service_account()), Known((member, robot), (), {member: robot})),
    )

    assert [one.way.escalates for one in Across(homes).ways()] == [False, False]


ODD = [None, 7, "", [], {}, [[]], {"a": None}, "x" * 5000, True, "((((" * 500]


@pytest.mark.parametrize("odd", ODD, ids=range(len(ODD)))
def test_nonsense_in_trusts_breaks_nothing(odd):
    rows = (
        trusting("y", odd),
        trusting("z", statement(StringEquals=odd)),
        resource(
            "AWS::IAM::OIDCProvider", f"arn:aws:iam::{ACCOUNT}:oidc-provider/{GITHUB}", GetOpenIDConnectProvider=odd
        ),
        pool_provider(odd),
        pool_provider(mapping={"google.subject": odd}),
        pool_provider(aws=odd, oidc=odd),
        service_account(uniqueId=odd),
        application(odd),
        application({"issuer": odd, "subject": odd, "audiences": odd, "claimsMatchingExpression": odd}),
        principal(appId=odd),
    )
    known = Known((f"{SETS}/*", f"arn:aws:iam::{ACCOUNT}:role/z"))
    homes = [Home(one, estate(*rows), known) for one in (Provider.AWS, Provider.GCP, Provider.AZURE)]

    assert all(one.way.escalates in (None, False) for one in Across(homes).ways())


def test_an_answer_is_never_better_than_its_worst_lock():
    found = found_from(chain(condition="assertion.session_name == 'x'"), MAIN)

    decided = [one for hop in found.way.steps for _, _, one in hop.because]
    assert isinstance(decided[0], Decided)
    assert Answer.IF in [one.answer for one in decided]
