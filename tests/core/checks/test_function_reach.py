"""What functions reach, what feeds them, whether they leave a trace: CASES are run by tests/house/test_checks.py."""

from dataclasses import replace

from scanners.graph.reached import STORES
from tests.core.cases import ACCOUNT, REGION, Case, Cases, resource
from tests.core.holders import BASIC, OWN, allow, deny, function, group, policy, role, trusting, user

GROUP_ARN = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/lambda/orders"
WRITE = ["logs:CreateLogStream", "logs:PutLogEvents"]
LOGS = resource("AWS::Logs::LogGroup", GROUP_ARN, DescribeLogGroups={"logGroupName": "/aws/lambda/orders"})
LOG_GROUP = replace(LOGS, name="/aws/lambda/orders")
QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:orders"
BUS = f"arn:aws:events:{REGION}:{ACCOUNT}:event-bus/partners"
BUCKET = "arn:aws:s3:::uploads"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:news"
MAPPING = f"arn:aws:lambda:{REGION}:{ACCOUNT}:event-source-mapping:1"
EVERYBODY = (policy(allow("s3:GetBucketAcl")), group(allow("s3:ListAllMyBuckets")), user(groups=("people",)))
WIDE = allow([action for store in STORES for action in (store.reads, store.writes) if action])


def stores(**more):
    """One of every kind that is counted."""
    listed = {"ListSecrets": {"Name": "x", "Tags": more.get("tags", [])}}
    return tuple(
        resource(store.kind, _ref(store.kind), **{store.section: listed.get(store.section, {"Name": "x"})})
        for store in STORES
    )


def _ref(kind):
    service = kind.split("::")[1].lower()
    return "arn:aws:s3:::thing" if service == "s3" else f"arn:aws:{service}:{REGION}:{ACCOUNT}:thing"


def crowd(*statements, others=24, around=()):
    """A function whose role holds these, among others that may read one table."""
    other = role(allow("dynamodb:GetItem"), name="other")
    return Case(function(), (*(function(f"f{n}", "other") for n in range(others)), role(*statements), other, *around))


def logging(*statements, around=(LOG_GROUP,), attached=(), boundary=None, **said):
    return Case(function(**said), (role(*statements, attached=attached, boundary=boundary), *around))


def fed(*around, policy=None, unread=()):
    found = function()
    document = {"Version": "2012-10-17", "Statement": [policy]} if policy else None
    documents = {**found.documents, "GetPolicy": {"$LATEST": document}}
    found = replace(found, documents=documents, calls={**found.calls, "GetPolicy": "lambda.GetPolicy"})
    return Case(found, around, unread=frozenset(unread))


def mapping(source=QUEUE, state="Enabled", of="orders"):
    arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{of}"
    said = {"FunctionArn": arn, "EventSourceArn": source, "State": state}
    return resource("AWS::Lambda::EventSourceMapping", MAPPING, ListEventSourceMappings=said)


def source(kind, ref, section, *statements, **more):
    document = {"Version": "2012-10-17", "Statement": list(statements)} if statements else None
    return resource(kind, ref, **{section: {"Policy": document} if document else {}}, **more)


def queue(*statements):
    return source("AWS::SQS::Queue", QUEUE, "GetQueueAttributes", *statements)


def topic(*statements):
    return source("AWS::SNS::Topic", TOPIC, "GetTopicAttributes", *statements)


def bus(*statements):
    return source("AWS::Events::EventBus", BUS, "ListEventBuses", *statements)


def bucket(*statements, blocked=False):
    block = {"RestrictPublicBuckets": blocked}
    return source("AWS::S3::Bucket", BUCKET, "GetBucketPolicy", *statements, GetPublicAccessBlock=block)


def account_block(blocked):
    said = {"RestrictPublicBuckets": blocked}
    return resource("AWS::S3::AccountPublicAccessBlock", "arn:aws:iam::1:root", GetPublicAccessBlock=said)


def anyone(action, **condition):
    said = {"Effect": "Allow", "Principal": "*", "Action": action, "Resource": "*"}
    return said | ({"Condition": condition} if condition else {})


def called_by(service, arn):
    return {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "lambda:InvokeFunction",
        "Condition": {"ArnLike": {"AWS:SourceArn": arn}},
    }


BY_TOPIC, BY_BUCKET = called_by("sns.amazonaws.com", TOPIC), called_by("s3.amazonaws.com", BUCKET)
BY_RULE = called_by("events.amazonaws.com", f"arn:aws:events:{REGION}:{ACCOUNT}:rule/partners/new")
SECRET = [{"Key": "data", "Value": "pii"}]
LEADER = role(allow(), name="leader", trust=trusting(AWS=ACCOUNT))

CASES = {
    "aws.lambda.blast_radius": Cases(
        fails=(
            crowd(WIDE, around=stores()),
            crowd(allow("sts:AssumeRole"), around=(LEADER,)),
            crowd(allow("secretsmanager:GetSecretValue"), others=2, around=stores(tags=SECRET)),
        ),
        passes=(
            crowd(WIDE, allow("lambda:InvokeFunction"), others=2, around=(*stores(), *EVERYBODY)),
            Case(function(), (role(attached=(OWN,)), *EVERYBODY)),
            crowd(allow("secretsmanager:GetSecretValue"), around=stores()),
            crowd(WIDE, deny(), around=stores()),
        ),
        neutral=(Case(function(role="gone"), (role(),)),),
    ),
    "aws.lambda.logs_missing": Cases(
        fails=(
            logging(),
            logging(allow("logs:CreateLogGroup")),
            logging(allow("logs:PutLogEvents")),
            logging(allow(WRITE, f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/lambda/other:*")),
            logging(allow(WRITE), around=()),
            logging(allow(WRITE), deny("logs:PutLogEvents")),
            logging(attached=(BASIC,), boundary=OWN, around=(LOG_GROUP, policy(allow("s3:*")))),
            logging(allow(WRITE, f"{GROUP_ARN}:*"), LoggingConfig={"LogGroup": "/shop/orders"}),
        ),
        passes=(
            logging(attached=(BASIC,), around=(LOG_GROUP,)),
            logging(attached=(OWN,), around=(LOG_GROUP, policy(allow("logs:*")))),
            logging(allow(WRITE)),
            logging(allow(WRITE, f"{GROUP_ARN}:*")),
            logging(allow(WRITE, f"{GROUP_ARN}:log-stream:*")),
            logging(attached=(BASIC,), around=()),
            logging(attached=(BASIC,), LoggingConfig={"LogGroup": "/shop/orders"}),
        ),
        neutral=(Case(function(role="gone"), (role(),)),),
    ),
    "aws.lambda.esm_public_source": Cases(
        fails=(
            fed(mapping(), queue(anyone("sqs:SendMessage"))),
            fed(mapping(), queue(anyone("sqs:*"))),
            fed(topic(anyone("sns:Publish")), policy=BY_TOPIC),
            fed(bus(anyone("events:PutEvents")), policy=BY_RULE),
            fed(bucket(anyone("s3:*")), account_block(False), policy=BY_BUCKET),
        ),
        passes=(
            fed(mapping(), queue(anyone("sqs:ReceiveMessage"))),
            fed(mapping(), queue()),
            fed(mapping(), queue(anyone("sqs:SendMessage", StringEquals={"aws:PrincipalOrgID": "o-1"}))),
            fed(mapping(state="Disabled"), queue(anyone("sqs:SendMessage"))),
            fed(mapping(of="orders-two"), queue(anyone("sqs:SendMessage"))),
            fed(topic(anyone("sns:Subscribe")), policy=BY_TOPIC),
            fed(bus(), policy=BY_RULE),
            fed(bucket(anyone("s3:PutObject"), blocked=True), account_block(False), policy=BY_BUCKET),
            fed(bucket(anyone("s3:PutObject")), account_block(True), policy=BY_BUCKET),
            fed(mapping(f"arn:aws:sqs:{REGION}:999988887777:orders")),
            fed(queue(anyone("sqs:SendMessage"))),
        ),
    ),
}


def test_who_becomes_another_reaches_more_than_who_reads_a_store():
    assert crowd(allow("sts:AssumeRole"), around=(LEADER,)).verdict("aws.lambda.blast_radius").outcome == "fail"
    assert crowd(allow("dynamodb:GetItem")).verdict("aws.lambda.blast_radius").outcome == "pass"


def test_a_function_that_was_not_judged_may_reach_more_than_the_others():
    strange = role(name="strange", attached=("arn:aws:iam::aws:policy/NobodyKnowsThis",))
    case = crowd(WIDE, around=(*stores(), strange, function("x", "strange"), function("y", "strange")))

    assert case.verdict("aws.lambda.blast_radius").outcome == "unknown"
