"""The functions of the shop, as a table: `functions.py` builds them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from posture.runtime.sample.emulator import ACCOUNT
from posture.runtime.sample.shop import CONFETTI, EDGE, FORMULA, MAIN, REPORTS, SCRIPT, STRANGER

INVOKE, INVOKE_URL = "lambda:InvokeFunction", "lambda:InvokeFunctionUrl"
OWN = f"arn:aws:iam::{ACCOUNT}:policy/"
SEARCH = f"{OWN}search-settings"
SHOP_ORIGIN = ["https://www.fernhollow.test"]


@dataclass(frozen=True, slots=True)
class Grant:
    """One statement of a function's policy, as AddPermission takes it."""

    sid: str
    principal: str
    action: str = INVOKE
    source_arn: str | None = None
    source_account: str | None = None
    url_auth: str | None = None
    alias: str | None = None


@dataclass(frozen=True, slots=True)
class Function:
    name: str
    runtime: str = "python3.13"
    region: str = MAIN
    note: str = ""
    environment: dict[str, str] = field(default_factory=dict)
    grants: tuple[Grant, ...] = ()
    url: dict[str, Any] | None = None  # AuthType and perhaps Cors
    cap: int | None = None
    retention: int | None = 365
    trusts: tuple[dict[str, str], ...] = ({"Service": "lambda.amazonaws.com"},)
    policies: tuple[str, ...] = ()
    inside: bool = False  # in the private subnets of the shop
    places: tuple[str, ...] = ("private",)  # the subnets, when inside
    group: str = "functions"  # its security group there
    network: str = "shop"
    layer: str | None = None
    source: str | None = None  # ARN of an event source
    alias: str | None = None
    tags: dict[str, str] = field(default_factory=dict)
    mounts: str | None = None  # the access point of a file system
    key: str | None = None  # of the account, for its environment
    signed: str | None = None  # what is done with unsigned code: Enforce or Warn
    runs_as: str | None = None  # another function, whose role it uses
    silent: bool = False  # its role may not write logs
    failed_to: str | None = None  # the queue that takes events that failed
    seconds: int = 15  # that a call may last
    traced: bool = False


def gateway(api: str, route: str = "*/*/*") -> Grant:
    return Grant(
        "gateway", "apigateway.amazonaws.com", source_arn=f"arn:aws:execute-api:{MAIN}:{ACCOUNT}:{api}/{route}"
    )


def bucket(name: str, account: str | None = ACCOUNT) -> Grant:
    return Grant("bucket", "s3.amazonaws.com", source_arn=f"arn:aws:s3:::{name}", source_account=account)


def queue(name: str, account: str = ACCOUNT) -> str:
    return f"arn:aws:sqs:{MAIN}:{account}:{name}"


OWN_LAYER, STRANGE_LAYER = "observability", "metrics-shim"
WELL_KEPT = (
    Function(
        "orders-api",
        note="Takes and shows orders",
        environment={"TABLE": "orders", "QUEUE": "orders"},
        grants=(gateway("storefront", "prod/POST/orders"),),
        key="orders",
        signed="Enforce",
        group="orders-functions",
        places=("private", "second"),
        inside=True,
        traced=True,
        cap=50,
        layer=OWN_LAYER,
        alias="live",
        tags={"team": "orders"},
    ),
    Function(
        "orders-worker",
        source=queue("orders"),
        mounts="orders-files",
        inside=True,
        layer=OWN_LAYER,
        environment={"TABLE": "orders"},
        tags={"team": "orders"},
    ),
    Function(
        "checkout-api",
        "nodejs22.x",
        grants=(gateway("storefront", "*/POST/checkout"),),
        inside=True,
        cap=40,
        signed="Warn",
        mounts="all-files",
        environment={"CURRENCY": "EUR", "TABLE": "carts"},
    ),
    Function("catalog-api", grants=(gateway("storefront"),), note=CONFETTI, alias="live", policies=(SEARCH,)),
    Function("catalog-indexer", seconds=300, source=queue("catalog-changes"), policies=(SEARCH,)),
    Function(
        "search-api",
        "nodejs22.x",
        policies=(SEARCH,),
        grants=(gateway("search"),),
        environment={
            "INDEX": "products",
            "SECRET_ARN": f"arn:aws:secretsmanager:{MAIN}:{ACCOUNT}:secret:search/cluster",
        },
    ),
    Function("notifications-email", "python3.12", source=queue("notifications")),
    Function(
        "images-resize",
        "python3.12",
        grants=(bucket("fernhollow-images-original"),),
        note=SCRIPT,
        failed_to=queue("notifications"),
    ),
    Function("identity-authorizer", "nodejs22.x", grants=(gateway("storefront", "authorizers/*"),), cap=100),
    Function("fraud-score", environment={"MODEL": "2026-09"}, grants=(Grant("family", "FAMILY"),)),
    Function(
        "partner-api",
        url={"AuthType": "AWS_IAM", "Cors": {"AllowOrigins": SHOP_ORIGIN, "AllowMethods": ["GET"]}},
        cap=20,
        grants=(Grant("partner", ACCOUNT, INVOKE_URL, url_auth="AWS_IAM"),),
    ),
    Function("secrets-rotator", grants=(Grant("vault", "secretsmanager.amazonaws.com", source_account=ACCOUNT),)),
    Function(
        "edge-headers",
        "nodejs22.x",
        EDGE,
        trusts=({"Service": "lambda.amazonaws.com"}, {"Service": "edgelambda.amazonaws.com"}),
    ),
    Function("reporting-daily", region=REPORTS, environment={"BUCKET": "fernhollow-reports"}, retention=90),
)

# Each is named for what it does, and has one or two mistakes; `mistakes.py` lists them.
NEGLECTED = (
    Function(
        "payments-webhook",
        "nodejs22.x",
        note="Called by the payment provider",
        seconds=600,
        retention=30,
        tags={"team": "payments"},
        environment={
            "PROVIDER_URL": "https://api.payments.test",
            "STRIPE_SECRET_KEY": "sk_" + "live_" + "FakeFernhollowKey0000417",
        },
        url={"AuthType": "NONE", "Cors": {"AllowOrigins": ["*"], "AllowMethods": ["*"]}},
        grants=(Grant("anyone", "*", INVOKE_URL, url_auth="NONE"),),
    ),
    Function(
        "legacy-report-export",
        "python3.8",
        EDGE,
        note=FORMULA,
        retention=None,
        grants=(Grant("everyone", "*"),),
        policies=("arn:aws:iam::aws:policy/AmazonS3FullAccess",),
    ),
    Function("price-feed", alias="live", grants=(Grant("feed", "*", alias="live"),), retention=None, silent=True),
    Function(
        "exports-partner", "python3.12", grants=(Grant("courier", STRANGER),), policies=(f"{OWN}release-anything",)
    ),
    Function("images-watermark", "python3.12", grants=(Grant("bucket", "s3.amazonaws.com"),), retention=7),
    Function(
        "admin-toolbox",
        trusts=({"Service": "lambda.amazonaws.com"}, {"AWS": f"arn:aws:iam::{ACCOUNT}:user/ci-deploy"}),
        policies=("arn:aws:iam::aws:policy/AdministratorAccess",),
    ),
    Function(
        "search-reindex",
        "nodejs18.x",
        environment={"INDEX": "products", "REDIS_HOST": "sessions.cache.fernhollow.test"},
        policies=(SEARCH,),
        source=queue("partner-inbox"),
    ),
    Function("notifications-sms", "ruby3.3", layer=STRANGE_LAYER, runs_as="notifications-email"),
    Function("fraud-feed", source=queue("risk-signals", STRANGER)),
    Function(
        "reporting-adhoc",
        "python3.9",
        REPORTS,
        retention=None,
        inside=True,
        network="reports",
        group="warehouse",
        environment={"WAREHOUSE_URL": "postgres://report:Fernhollow-fake-8813@warehouse.internal:5439/shop"},
    ),
)
FUNCTIONS = WELL_KEPT + NEGLECTED
