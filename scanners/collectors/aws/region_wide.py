"""What an account has once in every region, or not at all: detectors, recorders, analyzers.

Such a thing must be able to fail by not being there, so the resource is the account in that region.  Who the account
is, AWS tells whoever asks ("GetCallerIdentity", AWS STS API reference: no permission is needed): what else is refused
leaves a gap in a resource that exists.
"""

from __future__ import annotations

from scanners.collectors.cloud import Call, Collector, Detail
from scanners.model import Identity, Place, Resource

LIST = Call("sts", "GetCallerIdentity", drop=frozenset({"UserId", "Arn"}))


def region_wide(kind: str, service: str, noun: str, *details: Detail) -> Collector:
    """A kind that stands in each region once, called by its region.  `service` and `noun` are those of its ARN."""

    def there(place: Place, caller: object) -> Identity:
        return Identity(f"arn:{place.partition}:{service}:{place.region}:{place.account}:{noun}", place.region)

    unit = details[0].call.service
    return Collector(kind=kind, listing=LIST, identify=there, details=details, service=unit)


def no_questions(region: Resource) -> dict[str, str]:
    return {}
