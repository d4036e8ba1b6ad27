"""Files of CloudTrail as it writes them, record by record."""

import gzip
import json
from itertools import count

from scanners.access.aws.trail import Trail
from tests.core.access.asking import HERE, ROLE

_numbers = count()


def event(
    name="GetObject", source="s3", *, role=ROLE, day=1, month=11, region="eu-west-1", reads=True, data=(), **more
):
    """`data`: (type, ARN) of the resources of a data event; without them a management event."""
    session = role.replace(":iam:", ":sts:").replace(":role/", ":assumed-role/") + "/fn"
    return {
        "eventVersion": "1.11",
        "eventID": f"id-{next(_numbers)}",
        "userIdentity": {
            "type": "AssumedRole",
            "arn": session,
            "accountId": HERE,
            "sessionContext": {"sessionIssuer": {"type": "Role", "arn": role, "userName": role.rpartition("/")[2]}},
        },
        "eventTime": f"2026-{month:02}-{day:02}T10:00:00Z",
        "eventSource": f"{source}.amazonaws.com",
        "eventName": name,
        "awsRegion": region,
        "readOnly": reads,
        "managementEvent": not data,
        "eventCategory": "Data" if data else "Management",
        "recipientAccountId": HERE,
        "requestParameters": None,
        "resources": [{"type": kind, "ARN": arn} for kind, arn in data],
        **more,
    }


def on_object(name="GetObject", bucket="invoices", key="2026/a.pdf", **more):
    reads = name.startswith(("Get", "Head", "List"))
    data = [("AWS::S3::Object", f"arn:aws:s3:::{bucket}/{key}"), ("AWS::S3::Bucket", f"arn:aws:s3:::{bucket}")]
    return event(name, data=data, reads=reads, **more)


def on_table(name="GetItem", table="orders", **more):
    arn = f"arn:aws:dynamodb:eu-west-1:{HERE}:table/{table}"
    return event(name, "dynamodb", data=[("AWS::DynamoDB::Table", arn)], reads=name.startswith(("Get", "Q")), **more)


def file(*records):
    return gzip.compress(json.dumps({"Records": list(records)}).encode())


def looked_up(*records):
    """As LookupEvents answers."""
    rows = [
        {"EventId": one["eventID"], "EventName": one["eventName"], "CloudTrailEvent": json.dumps(one)}
        for one in records
    ]
    return json.dumps({"Events": rows}).encode()


def trail(*records, raw=None):
    made = Trail()
    made.read("a file", raw if raw is not None else file(*records))
    return made
