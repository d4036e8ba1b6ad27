"""Machines: their settings, and what their user data gives away.  Networks stand in network.py.

User data is read at the door: of the script only its digest and the kinds of secrets per line are kept.
Limits: of a terminated machine nothing is collected; files that cloud-init is told to write in base64 are not unpacked.
"""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Callable, Iterable
from email import message_from_bytes
from typing import Any

from scanners.collectors.cloud import Call, Collector, Detail, ParseError, Shape, as_is
from scanners.collectors.door import Door
from scanners.model import Identity, Place, Resource

LARGEST = 4 * 1024 * 1024  # user data holds 16 KiB; unpacked, more than this is a bomb and no script
GZIP = b"\x1f\x8b"
OVER = frozenset({"terminated", "shutting-down", "deleted"})  # still listed for an hour, and no resource any more


def described(
    kind: str,
    operation: str,
    items: str,
    key: str,
    noun: str,
    *,
    page: int = 1000,
    drop: Iterable[str] = (),
    details: tuple[Detail, ...] = (),
    shape: Shape = as_is,
) -> Collector:
    """A kind of EC2: `key` is the field of its id, `noun` the word of its ARN; a `page` of 0 is asked for unpaged."""
    return Collector(
        kind=f"AWS::EC2::{kind}",
        listing=Call("ec2", operation, items=items, params={"MaxResults": page} if page else {}, drop=frozenset(drop)),
        identify=named(key, noun),
        choose=lives,
        details=details,
        shape=shape,
    )


def named(key: str, noun: str) -> Callable[[Place, Any], Identity]:
    def identify(place: Place, item: Any) -> Identity:
        owner = str(item.get("OwnerId") or place.account).lower()  # AWS's own prefix lists belong to "AWS"
        arn = f"arn:{place.partition}:ec2:{place.region}:{owner}:{noun}/{item[key]}"
        tags = {tag["Key"]: tag.get("Value") for tag in item.get("Tags") or item.get("TagSet") or ()}
        return Identity(arn, tags.get("Name") or item.get("GroupName") or item.get("PrefixListName") or item[key])

    return identify


def lives(place: Place, item: Any) -> bool:
    state = item.get("State")
    return (state.get("Name") if isinstance(state, dict) else state) not in OVER


def user_data(answer: Any, door: Door) -> dict[str, Any]:
    """{"UserData": what the door keeps of it}, or {} of a machine that was given none."""
    packed = answer["UserData"].get("Value")
    return {"UserData": door.text(script(packed))} if packed else {}


def script(packed: str) -> str:
    """User data as text: out of base64, gzip and the parts of a MIME archive, all of which cloud-init understands."""
    try:
        plain = base64.b64decode(packed, validate=True)
    except (binascii.Error, ValueError) as broken:
        raise ParseError("the user data is not proper base64") from broken
    plain = unzipped(plain)
    if b"mime-version:" in plain[:2000].lower():
        payloads = (part.get_payload(decode=True) for part in message_from_bytes(plain).walk())
        plain = b"\n".join(unzipped(payload) for payload in payloads if isinstance(payload, bytes))
    return plain.decode("utf-8", "replace")


def unzipped(plain: bytes) -> bytes:
    if not plain.startswith(GZIP):
        return plain
    stream = zlib.decompressobj(wbits=31)
    try:
        opened = stream.decompress(plain, LARGEST)
    except zlib.error as broken:
        raise ParseError("the user data is broken gzip") from broken
    if not stream.eof or stream.unused_data:  # torn, a second archive behind it, or larger than any script
        raise ParseError("the user data does not unpack to one script")
    return opened


def address(machine: Resource) -> dict[str, str]:
    return {"InstanceId": machine["DescribeInstances"].need("InstanceId").text()}


USER_DATA = Call("ec2", "DescribeInstanceAttribute", params={"Attribute": "userData"})

COLLECTORS = (
    described(
        "Instance",
        "DescribeInstances",
        "Reservations.Instances",
        "InstanceId",
        "instance",
        drop=("ClientToken", "StateTransitionReason", "StateReason", "UsageOperationUpdateTime"),
        details=(Detail(USER_DATA, bind=address, shape=user_data),),
    ),
)
