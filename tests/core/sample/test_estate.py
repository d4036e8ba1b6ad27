import json

from posture.runtime.sample import mistakes
from posture.runtime.sample.start import sample_cloud
from tests.core.sample.reads import EACH_REGION, ONCE, Reader, read_everything

ABSENT = {  # an answer of its own: the thing is not there
    "lambda.get_policy": "ResourceNotFoundException",
    "lambda.get_function_url_config": "ResourceNotFoundException",
    "lambda.get_function_event_invoke_config": "ResourceNotFoundException",
    "lambda.get_layer_version_policy": "ResourceNotFoundException",
    "dynamodb.get_resource_policy": "PolicyNotFoundException",
    "ecr.get_repository_policy": "RepositoryPolicyNotFoundException",
    "s3.get_public_access_block": "NoSuchPublicAccessBlockConfiguration",
    "s3.get_bucket_policy": "NoSuchBucketPolicy",
    "s3.get_bucket_policy_status": "NoSuchBucketPolicy",
}
OF_THE_MOMENT = {
    ("iam.get_credential_report", "eu-west-1"): ["GeneratedTime"],
    ("iam.generate_credential_report", "eu-west-1"): ["State", "Description"],  # of whoever asks first
}


def test_every_call_of_the_collectors_is_answered(answers):
    asked = {call for call, *_ in answers}
    refused = {(call, answer["error"]) for (call, *_), answer in answers.items() if "error" in answer}

    assert refused <= set(ABSENT.items())
    assert asked >= {*ONCE, *EACH_REGION}
    assert len(asked) > 70


def settled(answers):
    """Without the one fact of databases that moves with the clock, as it does on AWS."""
    kept = dict(answers)
    for key in kept:
        if key[0] in ("rds.describe_db_instances", "rds.describe_db_clusters"):
            kept[key] = {
                name: [{**row, "LatestRestorableTime": None} for row in rows] for name, rows in kept[key].items()
            }
    return kept


def test_a_second_start_is_the_same_account(answers, tmp_path):
    first = {key: dict(answer) for key, answer in answers.items()}

    with sample_cloud(home=tmp_path) as cloud:
        second = read_everything(cloud.endpoint, cloud.regions)

    for key, members in OF_THE_MOMENT.items():
        for member in members:
            first[key].pop(member, None)
            second[key].pop(member, None)
    first, second = settled(first), settled(second)
    assert {key for key in first.keys() | second.keys() if first.get(key) != second.get(key)} == set()


def test_the_account_does_not_grow_younger_when_it_is_started_again(tmp_path):
    (tmp_path / "sample-cloud.json.founded").write_text("2026-02-03")

    with sample_cloud(home=tmp_path) as cloud:
        orders = Reader(cloud.endpoint).ask("dynamodb.describe_table", TableName="orders")

    made = orders["Table"]["CreationDateTime"]
    assert made.date().isoformat() == "2024-05-04"


def test_every_expected_name_stands_in_the_account(answers):
    told = json.dumps([*answers.values(), list(answers)], default=str)
    named = {name for expected in mistakes.EXPECTED.values() for name in expected.fails | expected.passes}

    assert {name for name in named if name not in told} == set()
    assert all(expected.fails.isdisjoint(expected.passes) for expected in mistakes.EXPECTED.values())


def test_the_planted_secrets_are_there_to_be_found(answers):
    functions = json.dumps(answers["lambda.list_functions", "eu-west-1"], default=str)

    assert mistakes.SECRETS["payments-webhook"] in functions


def test_a_grant_on_an_alias_is_no_grant_on_the_function(answers):
    asked = [
        ("lambda.get_policy", "eu-west-1", "FunctionName=price-feed", *more)
        for more in ((), ("Qualifier=live",), ("Qualifier=1",))
    ]
    unqualified, alias, version = (answers[key] for key in asked)

    assert json.loads(alias["Policy"])["Statement"][0]["Principal"] == "*"
    assert unqualified["error"] == version["error"] == "ResourceNotFoundException"


def test_policies_of_functions_read_as_aws_writes_them(answers):
    def only(function):
        return json.loads(answers["lambda.get_policy", "eu-west-1", f"FunctionName={function}"]["Policy"])["Statement"][
            0
        ]

    assert only("exports-partner")["Principal"] == {"AWS": "arn:aws:iam::909090909090:root"}
    assert only("payments-webhook")["Condition"] == {"StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}}


def test_the_authorization_details_name_what_they_hold(answers):
    details = answers["iam.get_account_authorization_details", "eu-west-1"]

    assert all(policy["PolicyName"] for policy in details["Policies"])
    assert all(policy["AttachmentCount"] for policy in details["Policies"] if ":aws:policy" in policy["Arn"])
    assert {policy["PolicyName"] for role in details["RoleDetailList"] for policy in role["RolePolicyList"]} >= {
        "own-table"
    }


def test_the_report_speaks_of_the_root_user(answers):
    report = answers["iam.get_credential_report", "eu-west-1"]["Content"].decode().splitlines()

    assert report[1].startswith("<root_account>,arn:aws:iam::424242424242:root,")
    assert {len(line.split(",")) for line in report} == {22}
