"""OpenSearch domains, those of Elasticsearch among them: who may reach them and how."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scanners.collectors.cloud import Call, Collector, Detail, ParseError
from scanners.collectors.door import Door
from scanners.collectors.parse import policy_document
from scanners.model import Identity, Place, Resource

LIST = Call("opensearch", "ListDomainNames", items="DomainNames", permission="es:ListDomainNames")
DESCRIBE = Call("opensearch", "DescribeDomains", items="DomainStatusList", permission="es:DescribeDomains")
KEPT = (
    "ARN", "DomainEndpointOptions", "DomainName", "EncryptionAtRestOptions", "Endpoints", "EngineVersion",
    "LogPublishingOptions", "NodeToNodeEncryptionOptions", "VPCOptions",
)  # fmt: skip
OF_SECURITY = ("AnonymousAuthEnabled", "Enabled", "InternalUserDatabaseEnabled")  # of SAML there are certificates too


def domain(place: Place, item: Mapping[str, Any]) -> Identity:
    name = item["DomainName"]
    return Identity(f"arn:{place.partition}:es:{place.region}:{place.account}:domain/{name}", name)


def itself(domain: Resource) -> dict[str, list[str]]:
    return {"DomainNames": [domain["ListDomainNames"].need("DomainName").text()]}


def described(answer: list[Mapping[str, Any]], door: Door) -> dict[str, Any]:
    if len(answer) != 1:
        raise ParseError("one domain was asked for, and another number came")
    said = answer[0]
    kept = {field: said[field] for field in KEPT if field in said}
    if security := said.get("AdvancedSecurityOptions"):
        kept["AdvancedSecurityOptions"] = {field: security[field] for field in OF_SECURITY if field in security}
    if policy := said.get("AccessPolicies"):
        kept["AccessPolicies"] = policy_document(policy)
    return kept


COLLECTORS = (
    Collector(
        kind="AWS::OpenSearchService::Domain",
        listing=LIST,
        identify=domain,
        details=(Detail(DESCRIBE, bind=itself, shape=described),),
    ),
)
