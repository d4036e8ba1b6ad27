"""A call as the HTTP request that boto3 would send.

botocore writes it: its models, its serializers, its endpoint rules with all that people configure (endpoint URLs, FIPS,
dual stack), its event hooks.  Only three things are not asked of it for every call: clients of further regions (one a
service is made, and lent its endpoint rules with the region changed), the user agent, and the signature.
These are botocore's inner parts; tests/house/test_wire.py holds every request against what a real client sends.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from botocore.awsrequest import create_request_object
from botocore.compress import maybe_compress_request
from botocore.httpchecksum import apply_request_checksum, resolve_checksum_context
from botocore.regions import EndpointResolverBuiltins

from scanners.collectors.aws.signing import Scope

SIGNATURES = {"v4": False, "s3v4": True}  # the versions we write, and whether it is S3's
HOOKED_ENDPOINTS = {"s3", "s3control"}  # of which botocore's hooks look at parameters too
CLIENT_A_REGION = {"s3", "sts"}  # more than one endpoint rule of theirs depends on the region


class NotOurs(Exception):
    """A request that the wire does not carry: boto3 does."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be signed and sent.  `context` is botocore's, for its hooks after the answer."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes
    scope: Scope
    context: Mapping[str, Any]


class Service:
    """One service, for all its regions: all made from a client of the region asked first."""

    def __init__(self, client: Any) -> None:
        self.client, self.model = client, client.meta.service_model
        self.hooks: str = self.model.service_id.hyphenize()
        self._made_for: str = client._ruleset_resolver._builtins[EndpointResolverBuiltins.AWS_REGION]
        self._regional: dict[str, Any] = {self._made_for: client}
        self._agent: str = client._user_agent_creator.to_string()
        self._operations: dict[str, Any] = {}
        self._endpoints: dict[tuple[str, str], Any] = {}
        self._signatures: dict[tuple[str, Any], str] = {}

    def operation(self, name: str) -> Any:
        """botocore's model of an operation; raises OperationNotFoundError."""
        if name not in self._operations:
            self._operations[name] = self.model.operation_model(name)
        return self._operations[name]

    def request(self, name: str, region: str, params: dict[str, Any]) -> Request:
        """Raises NotOurs, and what botocore raises for wrong parameters."""
        client, model = self._in(region), self.operation(name)
        if model.has_streaming_output or model.has_streaming_input or model.has_event_stream_output:
            raise NotOurs(name)
        context = {
            "client_region": region,
            "client_config": client.meta.config,
            "has_streaming_input": False,
            "auth_type": model.resolved_auth_type,
            "unsigned_payload": model.unsigned_payload,
            "auth_options": self.model.metadata.get("auth"),
        }
        params = client._emit_api_params(params, model, context)
        endpoint, headers = self._endpoint(client, region, model, params, context)
        scope = self._scope(name, region, context)
        written = client._convert_to_request_dict(
            params, model, endpoint, context, headers, set_user_agent_header=False
        )
        resolve_checksum_context(written, model, params)
        client.meta.events.emit_until_response(
            f"before-call.{self.hooks}.{name}",
            model=model,
            params=written,
            request_signer=client._request_signer,
            context=context,
        )
        maybe_compress_request(client.meta.config, written, model)
        apply_request_checksum(written)
        return self._prepared(written, scope, context)

    def _endpoint(
        self, client: Any, region: str, model: Any, params: dict[str, Any], context: dict[str, Any]
    ) -> tuple[str, dict[str, str]]:
        """Where to send it, with which headers; how to sign goes into the context.  Kept where no parameter decides."""
        said = model.context_parameters or model.operation_context_parameters
        key = (region, model.name)
        if said or self.model.service_name in HOOKED_ENDPOINTS or key not in self._endpoints:
            endpoint, headers, properties = client._resolve_endpoint_ruleset(model, params, context)
            self._endpoints[key] = endpoint, headers, properties, context["auth_type"], context.get("signing")
        endpoint, headers, properties, context["auth_type"], signing = self._endpoints[key]
        context["endpoint_properties"] = properties
        if signing is not None:
            context["signing"] = dict(signing)
        return endpoint, headers

    def _prepared(self, written: dict[str, Any], scope: Scope, context: dict[str, Any]) -> Request:
        prepared = create_request_object(written).prepare()
        headers = {name: _text(value) for name, value in prepared.headers.items() if name != "Content-Length"}
        body = prepared.body or b""
        if isinstance(body, str):
            body = body.encode()
        if not isinstance(body, bytes) or "Transfer-Encoding" in headers:
            raise NotOurs(prepared.url)
        headers["User-Agent"] = self._agent
        return Request(prepared.method, prepared.url, headers, body, scope, context)

    def _scope(self, name: str, region: str, context: dict[str, Any]) -> Scope:
        signer, said = self.client._request_signer, context.get("signing") or {}
        key = (name, context["auth_type"])
        if key not in self._signatures:
            self._signatures[key] = signer._choose_signer(name, "standard", context)
        s3 = SIGNATURES.get(self._signatures[key])
        if s3 is None or context.get("payload_signing_enabled") is False or said.keys() & {"request_credentials"}:
            raise NotOurs(f"{name} is signed with {self._signatures[key]}")
        everywhere = signer.region_name != self._made_for  # a service whose one region signs for all
        home = signer.region_name if everywhere else region
        return Scope(said.get("region") or home, said.get("signing_name") or signer.signing_name, s3)

    def _in(self, region: str) -> Any:
        """The client with another region's endpoint; the same parts otherwise."""
        if region not in self._regional:
            rules = copy.copy(self.client._ruleset_resolver)
            rules._builtins = {**rules._builtins, EndpointResolverBuiltins.AWS_REGION: region}
            rules._instance_cache = {}
            lent = object.__new__(type(self.client))
            lent.__dict__.update(self.client.__dict__, _ruleset_resolver=rules)
            self._regional[region] = lent
        return self._regional[region]


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value
