"""Functions: the list by danger, and the page of one: who can invoke it, what it reaches, the policy it needs."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import call_command

from posture.models import Resource
from posture.queries import estates
from posture.runtime.mistakes import Mistake
from scanners.access.aws.usage import SECTION
from scanners.graph.stored import DETAILS
from tests.core.access.trails import event, file, on_object
from tests.core.cases import refused, resource
from tests.publishing import publish, saw
from tests.web.builders import DAY, HOSTILE, START, a_person, account_in, an_admin

pytestmark = pytest.mark.django_db
ACCOUNT = "111122223333"
HERE = "arn:aws:lambda:eu-west-1:111122223333:function:"
EVERYBODY = {"Sid": "all", "Effect": "Allow", "Principal": "*", "Action": "lambda:InvokeFunction", "Resource": "*"}
USED = [
    {"ServiceNamespace": "sqs", "LastAuthenticated": "2026-10-30T00:00:00Z",
     "TrackedActionsLastAccessed": [{"ActionName": "SendMessage", "LastAccessedTime": "2026-10-30T00:00:00Z"},
                                    {"ActionName": "PurgeQueue"}]},
    {"ServiceNamespace": "s3"},
]  # fmt: skip


@pytest.fixture(autouse=True)
def _fresh():
    estates.forget()


@pytest.fixture
def account():
    return account_in("shop", name="Prod shop")


@pytest.fixture
def viewer(account):
    return a_person("viewer", account.group)


def a_function(name="pay", *statements, gaps=(), role="pay-role", **more):
    sections = {
        "ListFunctions": {
            "FunctionName": name,
            "FunctionArn": HERE + name,
            "Role": f"arn:aws:iam::{ACCOUNT}:role/{role}",
            "Runtime": "python3.8",
            **more,
        },
        "ListAliases": [],
        "Versions": [],
        "GetPolicy": {"$LATEST": {"Version": "2012-10-17", "Statement": list(statements)} if statements else None},
        "GetFunctionUrlConfig": {"$LATEST": None},
        "GetFunctionConcurrency": {},
        "ListFunctionEventInvokeConfigs": [],
    }
    kept = {section: value for section, value in sections.items() if section not in gaps}
    gone = {section: refused(section, "lambda") for section in gaps}
    return resource("AWS::Lambda::Function", HERE + name, gaps=gone, **kept)


def a_role(*actions, name="pay-role", used=None, policy="own"):
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": list(actions), "Resource": "*"}]}
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    details = {
        "RoleName": name,
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
        "RolePolicyList": [{"PolicyName": policy, "PolicyDocument": document}] if actions else [],
        "AttachedManagedPolicies": [],
        "InstanceProfileList": [],
    }
    report = {} if used is None else {SECTION: used}
    arn = f"arn:aws:iam::{ACCOUNT}:role/{name}"
    return resource("AWS::IAM::Role", arn, region="global", **{DETAILS: details}, **report)


def a_queue(name="orders"):
    arn = f"arn:aws:sqs:eu-west-1:{ACCOUNT}:{name}"
    return resource("AWS::SQS::Queue", arn, ListQueues={"QueueUrl": name}, GetQueueAttributes={})


def scanned(account, *functions, roles=(), queues=(), at=START, refused=()):
    units = [saw("eu-west-1", "lambda", *functions, refused=refused), saw("global", "iam", *roles, refused=refused)]
    return publish(account, *units, saw("eu-west-1", "sqs", *queues), at=at)


def shown(client, person, path="/functions/", **query):
    client.force_login(person)
    answer = client.get(path, query)
    assert answer.status_code == 200, answer.status_code
    return " ".join(answer.content.decode().split())


def page_of(client, person, name="pay", **query):
    return shown(client, person, f"/functions/{Resource.objects.get(name=name).pk}/", **query)


def names(page):
    return [row.split(">", 1)[1].split("<")[0] for row in page.split('<a class="row"')[1:]]


def section(page, name):
    return page.partition(f'id="{name}"')[2].partition("</section>")[0]


# the list


def test_an_empty_list_says_what_comes_next(client, viewer):
    assert "No function was seen yet" in shown(client, viewer)


def test_the_most_dangerous_stands_first(client, account, viewer):
    modern = {"Runtime": "python3.13"}
    scanned(account, a_function("a", **modern), a_function("b"), a_function("c", EVERYBODY, **modern))

    page = shown(client, viewer)

    assert names(page) == ["c", "b", "a"]
    assert "<b>3 functions</b>" in page
    assert "<b>1</b> open to callers" in page


def test_the_list_is_searched_and_paged(client, account, viewer, monkeypatch):
    monkeypatch.setattr("posture.queries.functions.ROWS", 2)
    scanned(account, *(a_function(f"f{n}") for n in range(5)))

    first, second = shown(client, viewer), shown(client, viewer, after="2")

    assert (names(first), names(second)) == (["f0", "f1"], ["f2", "f3"])
    assert names(shown(client, viewer, q="f4")) == ["f4"]
    assert "No function matches" in shown(client, viewer, q="%")


@pytest.mark.parametrize("query", ["after=x", "after=999", "after=-1", "after=%C2%B2", "as_of=nonsense"])
def test_a_place_that_is_none_is_a_bad_request(client, account, viewer, query):
    scanned(account, a_function())
    client.force_login(viewer)

    assert client.get(f"/functions/?{query}").status_code == 400


# one function


def test_the_answer_comes_first(client, account, viewer):
    scanned(account, a_function("pay", EVERYBODY), roles=[a_role("sqs:*")])

    head = page_of(client, viewer).partition('class="answer"')[2].partition("</header>")[0]

    assert "Any AWS account can invoke it" in head
    assert "open finding" in head


def test_the_table_says_who_and_by_which_statement(client, account, viewer):
    scanned(account, a_function("pay", EVERYBODY), roles=[a_role("sqs:*")])

    table = section(page_of(client, viewer), "invoke")

    row = table.partition("Any AWS account")[2].partition("</tr>")[0]
    assert "Allowed" in row
    assert "&quot;Sid&quot;: &quot;all&quot;" in row
    assert "Denied" in table.partition(">Anyone")[2].partition("</tr>")[0]


def test_a_policy_that_was_not_read_makes_the_answer_unknown(client, account, viewer):
    scanned(account, a_function("pay", gaps=("GetPolicy",)), roles=[a_role()])

    page = page_of(client, viewer)

    assert "Whether strangers can invoke it is unknown" in page
    assert "lambda.GetPolicy was not read (AccessDenied)" in page
    assert "Strangers cannot invoke it" not in page


def test_what_the_role_reaches_and_where_it_leads(client, account, viewer):
    scanned(account, a_function(), roles=[a_role("sqs:SendMessage", "iam:*")], queues=[a_queue()])

    page = page_of(client, viewer)

    assert "orders" in section(page, "reach")
    assert "write" in section(page, "reach")
    assert "Its role can become an administrator" in page


def test_what_an_endpoint_of_its_network_keeps_from_it_is_told_beside_what_its_role_may(client, account, viewer):
    inside = a_function(VpcConfig={"VpcId": "vpc-1", "SubnetIds": ["subnet-1"]})
    shut = {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Principal": "*", "Action": "sqs:Get*", "Resource": "*"},
    }
    described = {"VpcEndpointId": "vpce-7", "VpcId": "vpc-1", "ServiceName": "com.amazonaws.eu-west-1.sqs",
                 "VpcEndpointType": "Interface", "State": "available", "PrivateDnsEnabled": True,
                 "PolicyDocument": shut}  # fmt: skip
    endpoint = resource("AWS::EC2::VPCEndpoint", f"arn:aws:ec2:eu-west-1:{ACCOUNT}:vpc-endpoint/vpce-7",
                        DescribeVpcEndpoints=described)  # fmt: skip
    publish(account, saw("eu-west-1", "lambda", inside), saw("global", "iam", a_role("sqs:SendMessage")),
            saw("eu-west-1", "sqs", a_queue()), saw("eu-west-1", "ec2", endpoint), at=START)  # fmt: skip

    assert "not from the function, through vpce-7" in section(page_of(client, viewer), "reach")


def test_who_can_come_to_act_as_its_role_is_told_hop_by_hop(client, account, viewer):
    scanned(account, a_function(), roles=[a_role("sqs:*"), a_role("lambda:UpdateFunctionCode", name="builder"),
                                          a_role("lambda:GetFunction", name="reader")])  # fmt: skip

    paths = section(page_of(client, viewer), "paths")

    assert "Who can come to act as it" in paths
    assert "<summary>builder " in paths
    assert "The code of a function is replaced" in paths
    assert "<summary>reader " not in paths


def test_where_nobody_comes_to_its_role_that_is_said(client, account, viewer):
    scanned(account, a_function(), roles=[a_role("sqs:*")])

    assert "Nobody who is known can come to act as it" in section(page_of(client, viewer), "paths")


def test_in_a_large_account_paths_are_worked_out_when_asked(client, account, viewer, monkeypatch):
    monkeypatch.setattr("posture.queries.function_page.MANY", 1)
    scanned(account, a_function(), roles=[a_role("iam:*")])

    before = page_of(client, viewer)

    assert "follow them" in section(before, "paths")
    assert "cannot become an administrator" not in before
    assert "Its role can become an administrator" in page_of(client, viewer, paths="yes")


def test_a_role_that_was_not_read_is_not_one_that_can_do_nothing(client, account, viewer):
    scanned(account, a_function(), refused=("AWS::IAM::Role",))

    page = page_of(client, viewer)

    assert "What it can reach is not known" in page
    assert "None can be worked out" in section(page, "policy")


def test_the_policy_that_it_needs_is_there_to_copy(client, account, viewer):
    scanned(account, a_function(), roles=[a_role("sqs:SendMessage", "sqs:PurgeQueue", "s3:*", used=USED)])

    policy = section(page_of(client, viewer), "policy")

    text = policy.partition("<textarea")[2].partition(">")[2].partition("</textarea>")[0]
    assert json.loads(text.replace("&quot;", '"'))["Statement"][0]["Action"] == ["sqs:SendMessage"]
    assert "Confidence: <b>high</b>" in policy
    assert "sqs:PurgeQueue" in policy


def test_without_a_report_nothing_is_said_to_be_unused(client, account, viewer):
    scanned(account, a_function(), roles=[a_role("s3:*")])

    policy = section(page_of(client, viewer), "policy")

    assert "no scan has asked IAM for it" in policy
    assert "can go" not in policy


def test_the_settings_say_what_has_to_be_looked_at(client, account, viewer):
    kept = {"STRIPE_KEY": {"secret": "Stripe Access Key", "digest": "d"}}
    scanned(account, a_function(Environment={"Variables": kept}), roles=[a_role()])

    page = page_of(client, viewer)

    assert "support ended on 14 October 2024" in page
    assert "STRIPE_KEY" in section(page, "variables")


def test_the_page_can_look_back(client, account, viewer):
    scanned(account, a_function("pay", EVERYBODY), roles=[a_role()])
    scanned(account, a_function(), roles=[a_role()], at=START + 2 * DAY)

    assert "Any AWS account can invoke it" in page_of(client, viewer, as_of="2026-11-02")
    assert "Strangers cannot invoke it" in page_of(client, viewer)


def test_a_function_that_is_gone_says_so(client, account, viewer):
    scanned(account, a_function(), roles=[a_role()])
    scanned(account, roles=[a_role()], at=START + DAY)

    assert "no longer showed it" in page_of(client, viewer)
    assert "Strangers cannot invoke it" in page_of(client, viewer, as_of="2026-11-01")


def test_nobody_else_sees_it_and_no_other_kind_has_such_a_page(client, account, viewer):
    scanned(account, a_function(), roles=[a_role()], queues=[a_queue()])
    mallory = a_person("analyst", account_in("bank", "222222222222").group)
    function, queue = Resource.objects.get(name="pay"), Resource.objects.get(name="orders")

    client.force_login(mallory)

    assert client.get(f"/functions/{function.pk}/").status_code == 404
    assert "pay" not in names(shown(client, mallory))
    client.force_login(viewer)
    assert client.get(f"/functions/{queue.pk}/").status_code == 404


def test_hostile_names_stay_text(client, account, viewer):
    evil = {**EVERYBODY, "Sid": HOSTILE, "Principal": {"AWS": HOSTILE}}
    scanned(account, a_function("pay", evil), roles=[a_role("sqs:*", policy=HOSTILE)])
    Resource.objects.filter(name="pay").update(name=HOSTILE)

    pages = shown(client, viewer), page_of(client, viewer, HOSTILE)

    assert all("<script>alert" not in page for page in pages)
    assert all("&lt;script&gt;" in page for page in pages)


def test_many_functions_and_roles_cost_no_more_queries(client, account, viewer, django_assert_max_num_queries):
    scanned(account, a_function(), roles=[a_role("sqs:*")])
    client.force_login(viewer)
    pk = Resource.objects.get(name="pay").pk
    many = [a_function(f"f{n}", EVERYBODY) for n in range(20)]
    with django_assert_max_num_queries(26):
        assert client.get(f"/functions/{pk}/").status_code == 200
    roles = [a_role("lambda:*", name=f"r{n}") for n in range(20)]
    scanned(account, a_function(), *many, roles=[a_role("sqs:*"), *roles], at=START + DAY)

    with django_assert_max_num_queries(26):
        assert client.get(f"/functions/{pk}/").status_code == 200
    with django_assert_max_num_queries(11):
        assert client.get("/functions/").status_code == 200


def test_the_page_of_the_resource_leads_here(client, account, viewer):
    scanned(account, a_function(), roles=[a_role()])
    pk = Resource.objects.get(name="pay").pk

    assert f'href="/functions/{pk}/' in shown(client, viewer, f"/resources/{pk}/")


# the shell


def printed(*words):
    out = StringIO()
    call_command("access", *words, stdout=out)
    return out.getvalue()


def test_the_shell_prints_the_policy_and_what_goes(account):
    scanned(account, a_function(), roles=[a_role("sqs:SendMessage", "sqs:PurgeQueue", "s3:*", used=USED)])

    said = json.loads(printed("right-size", "pay-role", "--format", "json"))

    assert said["policy"]["Statement"][0]["Action"] == ["sqs:SendMessage"]
    assert said["confidence"] == "high"
    assert {one["service"]: one["last_used"] for one in said["services"]}["s3"] is None
    assert "s3:GetObject" in next(one["removed"] for one in said["services"] if one["service"] == "s3")
    assert said["checked"]["holds"] is True


def test_the_shell_says_in_words_what_could_not_be_seen(account):
    scanned(account, a_function(), roles=[a_role("s3:*")])

    said = printed("right-size", f"arn:aws:iam::{ACCOUNT}:role/pay-role")

    assert "Confidence: none" in said
    assert "no scan has asked IAM for it" in said


def test_the_shell_merges_files_of_cloudtrail_with_what_iam_reports(account, tmp_path):
    scanned(account, a_function(), roles=[a_role("sqs:SendMessage", "sqs:PurgeQueue", "s3:GetObject", used=USED)])
    (tmp_path / "AWSLogs" / "CloudTrail-Digest").mkdir(parents=True)
    (tmp_path / "AWSLogs" / "CloudTrail-Digest" / "d.json.gz").write_bytes(b"signed")
    role = f"arn:aws:iam::{ACCOUNT}:role/pay-role"
    (tmp_path / "AWSLogs" / "a.json.gz").write_bytes(file(event("PurgeQueue", "sqs", role=role, reads=False)))
    (tmp_path / "AWSLogs" / "b.json.gz").write_bytes(b"cut")

    said = json.loads(printed("right-size", "pay-role", "--trail", str(tmp_path), "--format", "json"))

    (sqs,) = [one for one in said["services"] if one["service"] == "sqs"]
    assert sqs["used"] == ["sqs:PurgeQueue", "sqs:SendMessage"]
    assert (said["trail"]["files"], said["trail"]["records"], len(said["trail"]["not_read"])) == (1, 1, 1)
    assert any("1 records from 2026-11-01 to 2026-11-01" in one for one in said["told"])


def test_the_shell_suggests_a_policy_that_names_what_was_used(account, tmp_path):
    scanned(account, a_function(), roles=[a_role("s3:GetObject")])
    other = on_object("PutObject", bucket="b", role=f"arn:aws:iam::{ACCOUNT}:role/other")
    kept = tmp_path / "events.json"
    kept.write_bytes(file(on_object(role=f"arn:aws:iam::{ACCOUNT}:role/pay-role"), other))

    said = printed("right-size", "pay-role", "--trail", str(kept))

    assert "s3:GetObject on arn:aws:s3:::invoices/*" in said
    assert '"arn:aws:s3:::invoices/*"' in said


def test_a_trail_that_is_not_there_is_one_clear_line(account, tmp_path):
    scanned(account, a_function(), roles=[a_role()])

    with pytest.raises(Mistake, match="is not there"):
        printed("right-size", "pay-role", "--trail", str(tmp_path / "nothing"))
    with pytest.raises(Mistake, match="has no files"):
        printed("right-size", "pay-role", "--trail", str(tmp_path))


def test_a_principal_that_is_not_there_is_one_clear_line(account):
    scanned(account, a_function(), roles=[a_role()])

    with pytest.raises(Mistake, match="no user or role"):
        printed("right-size", "nobody")


def test_an_admin_sees_the_functions_of_all(client, account):
    scanned(account, a_function(), roles=[a_role()])

    assert names(shown(client, an_admin())) == ["pay"]
