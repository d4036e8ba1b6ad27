"""The way into an account: credentials by AWS's own chain, the account's id, and the regions it has enabled."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.credentials import AssumeRoleCredentialFetcher, DeferredRefreshableCredentials
from botocore.session import get_session

from scanners.collectors.aws.transport import Transport
from scanners.collectors.cloud import Call, Refusal
from scanners.model import Place, State

IDENTITY = Call("sts", "GetCallerIdentity")
REGIONS = Call("ec2", "DescribeRegions", params={"AllRegions": True})
SAMPLE_KEYS = {"aws_access_key_id": "posture-sample", "aws_secret_access_key": "posture-sample"}


@dataclass(frozen=True, slots=True)
class Connection:
    """What is stored of a way in: a role to assume, never a key.  `endpoint` is an emulator's, for sample accounts.

    With neither, the ordinary credential chain of the machine is used: profile, SSO, web identity, instance role.
    """

    role_arn: str = ""
    external_id: str = ""
    endpoint: str = ""
    session_name: str = "posture"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who we are to AWS."""

    account: str
    partition: str
    arn: str


@dataclass(frozen=True, slots=True)
class Regions:
    enabled: tuple[str, ...]
    not_opted_in: tuple[str, ...]


def connect(way: Connection) -> Transport:
    """Nothing is asked yet: credentials are looked for at the first call."""
    session = get_session()
    endpoint = way.endpoint or None
    if way.endpoint:  # no credential of this machine may reach an emulator
        session.set_credentials(*SAMPLE_KEYS.values())
    if way.role_arn:
        source = session.get_credentials()
        keys = {"endpoint_url": endpoint, "region_name": session.get_config_variable("region") or "us-east-1"}
        fetcher = AssumeRoleCredentialFetcher(
            client_creator=lambda service, **kw: get_session().create_client(service, **{**keys, **kw}),
            source_credentials=source,
            role_arn=way.role_arn,
            extra_args={"RoleSessionName": way.session_name}
            | ({"ExternalId": way.external_id} if way.external_id else {}),
        )
        session._credentials = DeferredRefreshableCredentials(fetcher.fetch_credentials, "assume-role")
    emulated = bool(way.endpoint or os.environ.get("AWS_ENDPOINT_URL"))
    return Transport(boto3.Session(botocore_session=session), endpoint=endpoint, emulated=emulated)


def caller(transport: Transport) -> Caller:
    """Raises Refusal: wrong credentials, a role that may not be assumed, no network."""
    answer = _once(transport, IDENTITY, "us-east-1")
    return Caller(answer["Account"], answer["Arn"].split(":")[1], answer["Arn"])


def regions(transport: Transport, who: Caller) -> Regions:
    """Raises Refusal when the list may not be read: then nobody knows where to look."""
    found = _once(transport, REGIONS, "global", who.account, who.partition)["Regions"]
    names = {
        region["RegionName"]: region.get("OptInStatus", "opt-in-not-required")
        for region in found
        if transport.partition_of(region["RegionName"]) == who.partition
    }
    closed = tuple(sorted(name for name, status in names.items() if status == "not-opted-in"))
    return Regions(tuple(sorted(names.keys() - set(closed))), closed)


def _once(transport: Transport, call: Call, region: str, account: str = "", partition: str = "aws") -> Any:
    """Ask outside a unit, with two more tries where the road was bad."""
    for attempt in range(3):
        try:
            return transport.ask(Place(account, region, partition), call, call.params)
        except Refusal as refusal:
            if refusal.state not in (State.UNREACHABLE, State.THROTTLED) or attempt == 2:
                raise
    raise AssertionError("unreachable")
