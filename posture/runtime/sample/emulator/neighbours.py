"""Functions that use another account's layer or queue, where moto knows their own account only; none ever runs."""

from __future__ import annotations

from typing import Any

from moto.awslambda.models import EventSourceMapping, LambdaBackend, LambdaFunction, lambda_backends
from moto.ec2.models import ec2_backends
from moto.sqs.models import sqs_backends


def lend() -> None:
    functions: Any = LambdaFunction
    backends: Any = LambdaBackend
    make_mapping: Any = EventSourceMapping
    own_layers, own_mapping = LambdaBackend.layers_versions_by_arn, LambdaBackend.create_event_source_mapping

    def layer(backend: LambdaBackend, arn: str) -> Any:
        region, account = arn.split(":")[3:5]
        return own_layers(lambda_backends[account][region], arn)

    def mapping(backend: LambdaBackend, spec: dict[str, Any]) -> Any:
        service, region, account, name = [*spec.get("EventSourceArn", "").split(":")[2:6], "", "", "", ""][:4]
        if service != "sqs" or account in ("", backend.account_id) or name not in sqs_backends[account][region].queues:
            return own_mapping(backend, spec)
        function = backend.get_function(spec["FunctionName"])
        made = make_mapping(
            {
                **spec,
                "RegionName": backend.region_name,
                "AccountId": backend.account_id,
                "FunctionArn": function.function_arn,
            }
        )
        backend._event_source_mappings[made.uuid] = made
        return made

    def place(function: LambdaFunction) -> dict[str, Any] | None:
        config = function._vpc_config
        if not config or not config["SubnetIds"]:
            return None
        subnet = ec2_backends[function.account_id][function.region].get_subnet(config["SubnetIds"][0])
        return {**config, "VpcId": subnet.vpc_id}

    def nothing(function: LambdaFunction, *_: Any) -> bytes:
        return b"null"

    functions.invoke = nothing  # setting up a rotation would start a container
    functions.vpc_config = property(place)
    backends.layers_versions_by_arn = layer
    backends.create_event_source_mapping = mapping
