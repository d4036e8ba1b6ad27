"""The APIs of the shop, as a table: `gateways.py` builds them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from posture.runtime.sample.shop import EDGE, FORMULA, MAIN
from posture.runtime.sample.shop.account import statement

OFFICE = ["203.0.113.0/24"]
ANY = "execute-api:/*"
INVOKE = "execute-api:Invoke"


@dataclass(frozen=True, slots=True)
class Rest:
    """`methods`: (path, verb, how it is authorised). `authorizer` may exist and be used by nothing."""

    name: str
    kind: str  # REGIONAL, EDGE or PRIVATE
    methods: tuple[tuple[str, str, str], ...]
    region: str = MAIN
    statements: tuple[dict[str, Any], ...] = ()
    authorizer: bool = True
    validated: bool = True
    logged: str | None = None  # log group
    calm: bool = True  # throttled
    walled: bool = False  # behind the web firewall
    note: str = ""
    stage: str = "prod"
    token: str = ""  # of the backend, in a stage variable
    traced: bool = False  # whole requests in the log
    backend: str = ""  # where its methods lead, when that is no function
    certificate: str = ""  # that it shows to the backend
    cache: str = ""  # "sealed" or "bare"; without, there is none


RESTS = (
    Rest(
        "storefront",
        "REGIONAL",
        (
            ("orders", "POST", "CUSTOM"),
            ("orders", "GET", "CUSTOM"),
            ("checkout", "POST", "CUSTOM"),
            ("checkout", "OPTIONS", "NONE"),
        ),
        logged="/aws/api/storefront",
        walled=True,
        cache="sealed",
        note="The shop's own front",
    ),
    Rest(
        "partner",
        "REGIONAL",
        (("stock", "GET", "NONE"), ("stock", "PUT", "AWS_IAM"), ("labels", "GET", "KEY")),
        logged="/aws/api/partner",
        statements=(statement("Allow", "*", INVOKE, ANY, IpAddress={"aws:SourceIp": OFFICE}),),
        note="Carriers, from known networks",
    ),
    Rest(
        "ledger",
        "PRIVATE",
        (("entries", "GET", "AWS_IAM"),),
        statements=(statement("Allow", "*", INVOKE, ANY, StringEquals={"aws:SourceVpce": "VPCE"}),),
        logged="/aws/api/shop",
        backend="https://ledger.fernhollow.test/v1",
        certificate="ledger",
    ),
    Rest(
        "payments-internal",
        "PRIVATE",
        (("refunds", "POST", "NONE"),),
        statements=(statement("Allow", "*", INVOKE, ANY),),
        token="Fernhollow-fake-stage-2251",  # noqa: S106
        traced=True,
        cache="bare",
        backend="http://refunds.fernhollow.test/v1",
        authorizer=False,
        validated=False,
        logged="/aws/api/shop",
    ),
    Rest(
        "legacy-orders",
        "EDGE",
        (("orders", "POST", "NONE"), ("orders", "GET", "NONE")),
        EDGE,
        validated=False,
        calm=False,
        note=FORMULA,
    ),
)


@dataclass(frozen=True, slots=True)
class Web:
    """An HTTP or WebSocket API. `routes`: (key, how it is authorised)."""

    name: str
    routes: tuple[tuple[str, str], ...]
    protocol: str = "HTTP"
    logged: str | None = None
    calm: bool = True
    cors: dict[str, Any] = field(default_factory=dict)
    jwt: bool = False
    audience: tuple[str, ...] = ("shop",)
    only_by_domain: bool = False


WEBS = (
    Web(
        "shop",
        (("GET /catalog", "JWT"), ("POST /cart", "JWT")),
        logged="/aws/api/shop",
        jwt=True,
        only_by_domain=True,
        cors={"AllowOrigins": ["https://www.fernhollow.test"]},
    ),
    Web(
        "search",
        (("GET /search", "NONE"), ("GET /suggest", "NONE"), ("POST /synonyms", "AWS_IAM")),
        calm=False,
        jwt=True,
        cors={"AllowOrigins": ["*"]},
    ),
    Web("loyalty", (("GET /points", "JWT"),), logged="/aws/api/shop", jwt=True, audience=()),
    Web("support-chat", (("$connect", "AWS_IAM"), ("$default", "NONE")), "WEBSOCKET", logged="/aws/api/shop"),
    Web("order-ticker", (("$connect", "NONE"), ("$disconnect", "NONE")), "WEBSOCKET", calm=False),
)

DOMAINS = (  # generation, name, policy, region, the API it leads to, whether it asks for client certificates
    (1, "api.fernhollow.test", "TLS_1_2", MAIN, "storefront", False),
    (1, "orders.fernhollow.test", "TLS_1_0", EDGE, None, False),
    (2, "shop.fernhollow.test", "TLS_1_2", MAIN, "shop", False),
    (1, "partners.fernhollow.test", "TLS_1_2", MAIN, None, False),
    (2, "carriers.fernhollow.test", "TLS_1_2", MAIN, None, True),
)
TAGS = {"partners.fernhollow.test": {"callers": "partner"}}
