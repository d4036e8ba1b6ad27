"""API Gateway of Google Cloud: what its operations ask of callers."""

from __future__ import annotations

from collections.abc import Iterator

from scanners.access.gcp import RESOURCE
from scanners.checks.registry import Fix, check
from scanners.model import Node, Resource, Severity, Verdict, failed, not_applicable, passed
from scanners.model.estate import Estate

GATEWAY, OPERATIONS = "apigateway.googleapis.com/Gateway", "operations"
SHOWN = 3  # operations that a sentence names


@check(
    "gcp.apigateway.no_security",
    on="apigateway.googleapis.com/ApiConfig",
    severity=Severity.HIGH,
    title="Gateway route without authentication",
    reads=(RESOURCE, OPERATIONS),
    joins=((GATEWAY, RESOURCE),),
    fix=Fix(
        console="API Gateway > the API > Create config: an OpenAPI document whose operations have a security"
        " requirement of a JWT issuer; then let the gateway serve it.",
        cli="gcloud api-gateway api-configs create CONFIG --api API --openapi-spec openapi.yaml; gcloud api-gateway"
        " gateways update GATEWAY --api API --api-config CONFIG --location LOCATION",
        terraform='resource "google_api_gateway_api_config" "this" { openapi_documents { document { path ='
        ' "openapi.yaml"  contents = filebase64("openapi.yaml") } } }',
    ),
)
def no_security(config: Resource, estate: Estate) -> Iterator[Verdict]:
    """Anyone calls what stands behind it, in the gateway's own name.  An API key says which project calls, and is sent
    around: lighter, and no more than that.
    """
    served = [one[RESOURCE]["apiConfig"] for one in estate.all(GATEWAY)]
    name = config[RESOURCE].need("name").text()
    if not any(_same(one, name) for one in served):
        yield not_applicable("No gateway serves it", *served)
        return
    operations = list(config[OPERATIONS])
    open_ = [one for one in operations if one["asks"].value == "nobody"]
    keyed = [one for one in operations if one["asks"].value == "key"]
    if open_:
        yield failed(f"Nobody is asked who they are at {_named(open_)}", *(one["asks"] for one in open_))
    elif keyed:
        yield failed(f"An API key is enough at {_named(keyed)}", *(one["asks"] for one in keyed),
                     severity=Severity.MEDIUM)  # fmt: skip
    elif operations:
        yield passed("Every operation demands a token", config[OPERATIONS])
    else:
        yield not_applicable("It has no operations of OpenAPI", config[OPERATIONS])


def _same(served: Node, name: str) -> bool:
    """A gateway may name the project by its number: what stands behind it is compared."""
    return str(served.value or "").split("/")[2:] == name.split("/")[2:]


def _named(operations: list[Node]) -> str:
    first = ", ".join(f"{one['method'].value} {one['path'].value}" for one in operations[:SHOWN])
    more = len(operations) - SHOWN
    return f"{first} and {more} more" if more > 0 else first
