"""What operations of API Gateway ask of callers."""

from tests.core.cases import Cases, resource
from tests.core.google import case

NAME = "locations/global/apis/orders/configs/v2"


def operation(asks, path="/x"):
    return {"method": "GET", "path": path, "asks": asks, "backend": ""}


def config(*asks, served=f"projects/42/{NAME}"):
    found = [operation(one, f"/{number}") for number, one in enumerate(asks)]
    ref = f"//apigateway.googleapis.com/projects/shop/{NAME}"
    body = resource(
        "apigateway.googleapis.com/ApiConfig", ref, resource={"name": f"projects/shop/{NAME}"}, operations=found
    )
    return case(body, resource("apigateway.googleapis.com/Gateway", "//x/gateway", resource={"apiConfig": served}))


CASES = {
    "gcp.apigateway.no_security": Cases(
        fails=(config("nobody"), config("token", "nobody"), config("key"), config("token", "key", "key", "key", "key")),
        passes=(config("token"), config("token", "token", served=f"projects/shop/{NAME}")),
        neutral=(config(), config("nobody", served=f"projects/42/{NAME}2"), config("nobody", served="")),
    )
}
