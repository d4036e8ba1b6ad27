"""The way into an account: credentials by AWS's own chain, the account's id, and the regions it has enabled."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config
from botocore.credentials import AssumeRoleCredentialFetcher, DeferredRefreshableCredentials
from botocore.exceptions import BotoCoreError, ClientError

from scanners.collectors.aws import models
from scanners.collectors.aws.clients import HOME_REGION
from scanners.collectors.aws.errors import refusal
from scanners.collectors.aws.transport import Transport
from scanners.collectors.background import promptly
from scanners.collectors.cloud import Call, Caller, Params, Refusal, Regions
from scanners.model import Place, State

IDENTITY = Call("sts", "GetCallerIdentity")
REGIONS = Call("ec2", "DescribeRegions", params={"AllRegions": True})
ACCOUNT = re.compile(r"[0-9]{12}")
PROBE_SECONDS = 9.0
_IMPATIENT = Config(
    connect_timeout=1.5,
    read_timeout=2.5,
    retries={"total_max_attempts": 1, "mode": "standard"},
    user_agent_extra="posture",
)
SAMPLE_KEYS = {"aws_access_key_id": "posture-sample", "aws_secret_access_key": "posture-sample"}
__all__ = ["Caller", "Connection", "Regions", "caller", "connect", "identity", "probe", "regions"]


@dataclass(frozen=True, slots=True)
class Connection:
    """What is stored of a way in: a role to assume, never a key.  `endpoint` is an emulator's, for sample accounts.

    With neither, the ordinary credential chain of the machine is used: profile, SSO, web identity, instance role.
    """

    role_arn: str = ""
    external_id: str = ""
    endpoint: str = ""
    session_name: str = "posture"


def connect(way: Connection) -> Transport:
    """Nothing is asked yet: credentials are looked for at the first call.  Raises Refusal for an unknown profile."""
    try:
        return _connect(way)
    except BotoCoreError as error:
        raise Refusal(State.DENIED, type(error).__name__, str(error)) from error


def _connect(way: Connection) -> Transport:
    session = models.session()
    endpoint = way.endpoint or None
    if way.endpoint:  # no credential of this machine may reach an emulator
        session.set_credentials(*SAMPLE_KEYS.values())
    if way.role_arn:
        source = session.get_credentials()
        keys = {"endpoint_url": endpoint, "region_name": session.get_config_variable("region") or "us-east-1"}
        fetcher = AssumeRoleCredentialFetcher(
            client_creator=lambda service, **kw: models.session().create_client(service, **{**keys, **kw}),
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
    answer = once(transport, IDENTITY, "us-east-1")
    return Caller(answer["Account"], answer["Arn"].split(":")[1], answer["Arn"])


def identity(who: Caller) -> dict[str, str]:
    """The answer that `caller` was made from, for collectors that rest on it as well: it is asked for once a scan."""
    return {"Account": who.account, "Arn": who.arn}


def regions(transport: Transport, who: Caller) -> Regions:
    """Raises Refusal when the list may not be read: then nobody knows where to look."""
    found = once(transport, REGIONS, "global", who.account, who.partition)["Regions"]
    names = {
        region["RegionName"]: region.get("OptInStatus", "opt-in-not-required")
        for region in found
        if transport.partition_of(region["RegionName"]) == who.partition
    }
    closed = tuple(sorted(name for name, status in names.items() if status == "not-opted-in"))
    return Regions(tuple(sorted(names.keys() - set(closed))), closed)


def probe(way: Connection, partition: str = "aws", sts: Any = None) -> Caller:
    """Who we would be there, found out within PROBE_SECONDS while a person waits.  Raises Refusal.

    A role must let us in with its ExternalId, and must not without it or with another: else anybody who can make us
    assume a role could make us assume this one (AWS, "The confused deputy problem").
    """
    return promptly(lambda: _probe(way, partition, sts), PROBE_SECONDS)


def _probe(way: Connection, partition: str, sts: Any) -> Caller:
    try:
        sts = sts or _sts(way, partition)
        if not way.role_arn:
            answer = sts.get_caller_identity()
            return Caller(answer["Account"], answer["Arn"].split(":")[1], answer["Arn"])
        asked = {"RoleArn": way.role_arn, "RoleSessionName": way.session_name, "DurationSeconds": 900}
        arn = sts.assume_role(**asked, ExternalId=way.external_id)["AssumedRoleUser"]["Arn"]
    except (BotoCoreError, ClientError) as error:
        raise refusal(error) from error
    for code, other in (
        ("ExternalIdNotRequired", {}),
        ("AnyExternalIdAccepted", {"ExternalId": f"not-{way.external_id}"}),
    ):
        _must_fail(sts, {**asked, **other}, code)
    return Caller(arn.split(":")[4], arn.split(":")[1], arn)


def _must_fail(sts: Any, asked: dict[str, Any], code: str) -> None:
    try:
        sts.assume_role(**asked)
    except (BotoCoreError, ClientError) as error:
        if (no := refusal(error)).state is not State.DENIED:
            raise no from error
        return
    raise Refusal(State.DENIED, code, "the role lets us in where it must not")


def _sts(way: Connection, partition: str) -> Any:
    session, region = models.session(), HOME_REGION.get(partition, "us-east-1")
    if way.endpoint:  # no credential of this machine may reach an emulator
        session.set_credentials(*SAMPLE_KEYS.values())
    return session.create_client("sts", region_name=region, endpoint_url=way.endpoint or None, config=_IMPATIENT)


def once(
    transport: Transport,
    call: Call,
    region: str,
    account: str = "",
    partition: str = "aws",
    params: Params | None = None,
) -> Any:
    """Ask outside a unit, with two more tries where the road was bad."""
    for attempt in range(3):
        try:
            return transport.ask(Place(account, region, partition), call, {**call.params, **(params or {})})
        except Refusal as refusal:
            if refusal.state not in (State.UNREACHABLE, State.THROTTLED) or attempt == 2:
                raise
    raise AssertionError("unreachable")
