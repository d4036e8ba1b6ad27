"""The platform beside the functions: databases, load balancers, the CDN, containers, clusters, GraphQL, sign-in."""

from __future__ import annotations

import json
from typing import Any

from posture.runtime.sample.emulator import ACCOUNT
from posture.runtime.sample.shop import EDGE, MAIN, REPORTS, STRANGER
from posture.runtime.sample.shop.account import Account, policy, statement

GOOD_TLS, OLD_TLS = "ELBSecurityPolicy-TLS13-1-2-Res-2021-06", "ELBSecurityPolicy-2016-08"
CERTIFICATE = f"arn:aws:acm:{MAIN}:{ACCOUNT}:certificate/7c6b5f60-0000-4000-8000-000000000001"
PASSWORD = "Fernhollow-fake-database-1"  # noqa: S105 - of a database that does not exist
BATCH_SECRET = "sk_" + "live_" + "FakeFernhollowBatch00231"  # planted
ORIGIN_SECRET = "Fernhollow-fake-origin-6620"  # noqa: S105 - planted

INSTANCES = (  # name, region, engine, encrypted, cluster
    ("orders-db", MAIN, "postgres", True, None),
    ("legacy-shop-db", EDGE, "mysql", False, None),
    ("warehouse-db", REPORTS, "postgres", True, None),
)
CLUSTERS = (("orders-aurora", MAIN, True), ("catalog-aurora", MAIN, False))
SNAPSHOTS = (  # name, of, region, who may restore it
    ("orders-before-migration", "orders-db", MAIN, ()),
    ("warehouse-for-auditor", "warehouse-db", REPORTS, (STRANGER,)),
    ("legacy-shop-final", "legacy-shop-db", EDGE, ("all",)),
)
CLUSTER_SNAPSHOTS = (
    ("orders-aurora-yearly", "orders-aurora", ()),
    ("catalog-aurora-export", "catalog-aurora", ("all",)),
)

TO_HTTPS = {"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}}
FORWARD = {"Type": "forward"}
BALANCERS: tuple[dict[str, Any], ...] = (
    {
        "name": "shop-front",
        "walled": True,
        "listeners": (("HTTP", 80, TO_HTTPS, None), ("HTTPS", 443, FORWARD, GOOD_TLS)),
        "rules": (("/.well-known/acme-challenge/*", FORWARD),),
    },
    {
        "name": "old-app",  # sends everybody to HTTPS, but for the app of 2019
        "walled": True,
        "listeners": (("HTTP", 80, TO_HTTPS, None), ("HTTPS", 443, FORWARD, GOOD_TLS)),
        "rules": (("/v1/*", FORWARD),),
    },
    {"name": "back-office", "scheme": "internal", "listeners": (("HTTPS", 443, FORWARD, GOOD_TLS),)},
    {"name": "partner-feed", "type": "network", "listeners": (("TLS", 8443, FORWARD, OLD_TLS),)},
    {
        "name": "legacy-front",
        "network": "legacy",
        "region": EDGE,
        "listeners": (("HTTP", 80, FORWARD, None), ("HTTPS", 443, FORWARD, OLD_TLS)),
    },
)

REPOSITORIES = (  # name, region, tags, scanned on push, statements
    ("orders-worker", MAIN, "IMMUTABLE", True, ()),
    ("search-indexer", MAIN, "IMMUTABLE", True, (statement("Allow", {"AWS": ACCOUNT}, "ecr:BatchGetImage"),)),
    ("base-images", MAIN, "IMMUTABLE", True, (statement("Allow", "*", "ecr:BatchGetImage"),)),
    ("legacy-batch", EDGE, "MUTABLE", False, ()),
    ("reports-export", REPORTS, "IMMUTABLE", False, ()),  # the registry of that region scans everything
)
TASKS: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {  # family: region, of the task, of its container
    "orders-worker": (
        MAIN,
        {
            "networkMode": "awsvpc",
            "requiresCompatibilities": ["FARGATE"],
            "cpu": "256",
            "memory": "512",
            "taskRoleArn": f"arn:aws:iam::{ACCOUNT}:role/orders-task",
        },
        {
            "user": "10001",
            "readonlyRootFilesystem": True,
            "logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "orders-worker"}},
            "environment": [{"name": "QUEUE", "value": "orders"}, {"name": "LOG_LEVEL", "value": "info"}],
        },
    ),
    "search-indexer": (
        MAIN,
        {"networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"], "cpu": "256", "memory": "512"},
        {"user": "indexer:indexer", "linuxParameters": {"capabilities": {"drop": ["ALL"]}}},
    ),
    "node-agent": (MAIN, {"networkMode": "host", "pidMode": "host"}, {"user": "agent", "privileged": True}),
    "legacy-batch": (
        EDGE,
        {"networkMode": "bridge", "taskRoleArn": f"arn:aws:iam::{ACCOUNT}:role/batch-everything"},
        {"environment": [{"name": "PAYMENT_KEY", "value": BATCH_SECRET}], "memory": 512},
    ),
}
SERVICES = (  # cluster, region, service, family, public addresses
    ("shop", MAIN, "orders-worker", "orders-worker", "DISABLED"),
    ("shop", MAIN, "search-indexer", "search-indexer", "ENABLED"),
    ("legacy", EDGE, "legacy-batch", "legacy-batch", None),
)
KUBERNETES = (  # name, public, ranges, version, administrators of the whole of it
    ("platform", False, None, "1.35", ("platform-team",)),
    ("build", True, ["203.0.113.0/24"], "1.33", ("platform-team", "build-robot")),
    ("experiments", True, ["0.0.0.0/0"], "1.29", ("carla.reyes", "ben.osei", "interns", "build-robot", "notebooks")),
)
CLUSTER_ADMIN = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"
SESSIONS: dict[str, dict[str, Any]] = {
    "shop": {
        "executeCommandConfiguration": {
            "logging": "OVERRIDE",
            "logConfiguration": {"cloudWatchLogGroupName": "/aws/ecs/shells"},
        }
    }
}
AUTHORITY = {
    "awsPcaAuthorityArn": f"arn:aws:acm-pca:{MAIN}:{ACCOUNT}:certificate-authority/00000000-0000-4000-8000-000000000001"
}
TALK: dict[str, dict[str, Any]] = {  # service → shells in its containers, and what it offers to others
    "orders-worker": {
        "enableExecuteCommand": True,
        "serviceConnectConfiguration": {
            "enabled": True,
            "services": [{"portName": "api", "tls": {"issuerCertificateAuthority": AUTHORITY}}],
        },
    },
    "search-indexer": {
        "serviceConnectConfiguration": {"enabled": True, "services": [{"portName": "search"}]},
    },
    "legacy-batch": {"enableExecuteCommand": True},
}
MESH = (  # service, how callers are asked, policy
    (
        "orders-mesh",
        "AWS_IAM",
        statement("Allow", {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "vpc-lattice-svcs:Invoke"),
    ),
    ("legacy-mesh", "NONE", None),
    ("partner-mesh", "AWS_IAM", statement("Allow", "*", "vpc-lattice-svcs:Invoke")),
)
BUSES = (  # name, statement
    (
        "shop-events",
        statement("Allow", "*", "events:PutEvents", StringEquals={"aws:PrincipalOrgID": "o-fernhollow"}),
    ),
    ("partner-events", statement("Allow", "*", "events:PutEvents")),
)
QUIET = {
    "introspectionConfig": "DISABLED",
    "queryDepthLimit": 8,
    "logConfig": {"fieldLogLevel": "ERROR", "cloudWatchLogsRoleArn": f"arn:aws:iam::{ACCOUNT}:role/gateway-logs"},
}
GRAPHS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("catalog-graph", "AWS_IAM", QUIET),
    ("widgets-graph", "API_KEY", {}),
)
CLOSED = {
    "AdminCreateUserConfig": {"AllowAdminCreateUserOnly": True},
    "UserPoolAddOns": {"AdvancedSecurityMode": "ENFORCED"},
}
CODE = {
    "AllowedOAuthFlowsUserPoolClient": True,
    "AllowedOAuthFlows": ["code"],
    "CallbackURLs": ["https://desk.fernhollow.test/signed-in", "http://localhost:3000/signed-in"],
    "ExplicitAuthFlows": ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
}
IMPLICIT = {
    "AllowedOAuthFlowsUserPoolClient": True,
    "AllowedOAuthFlows": ["implicit"],
    "CallbackURLs": ["http://m.fernhollow.test/in"],
    "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"],
    "GenerateSecret": True,
}
POOLS: tuple[tuple[str, str, dict[str, Any], dict[str, dict[str, Any]]], ...] = (  # name, second factor, settings, apps
    ("staff", "ON", CLOSED, {"staff-desk": CODE}),
    ("customers", "OPTIONAL", {"UserPoolAddOns": {"AdvancedSecurityMode": "AUDIT"}}, {"mobile-2019": IMPLICIT}),
    ("partners", "OFF", {}, {}),
)


def build(account: Account, ids: dict[str, str]) -> None:
    with account.past(420):
        build_databases(account, ids)
        build_balancers(account, ids)
        build_distributions(account)
        build_repositories(account)
        build_containers(account, ids)
        build_kubernetes(account, ids)
        build_mesh(account)
        for name, mode, settings in GRAPHS:
            account.client("appsync").create_graphql_api(name=name, authenticationType=mode, **settings)
        build_pools(account)
        build_identity_pools(account)
        for name, said in BUSES:
            account.client("events").create_event_bus(Name=name)
            own = {**said, "Resource": f"arn:aws:events:{MAIN}:{ACCOUNT}:event-bus/{name}", "Sid": "senders"}
            account.client("events").put_permission(EventBusName=name, Policy=policy(own))


def build_pools(account: Account) -> None:
    cognito = account.client("cognito-idp")
    for name, factors, settings, apps in POOLS:
        pool = cognito.create_user_pool(PoolName=name, MfaConfiguration=factors, **settings)["UserPool"]["Id"]
        for app, ways in apps.items():
            cognito.create_user_pool_client(UserPoolId=pool, ClientName=app, **ways)


GUESTS = {"shop": (False, None), "avatars": (True, "avatar-visitors"), "wish-lists": (True, "shop-visitors")}


def build_identity_pools(account: Account) -> None:
    """Name → whether guests get credentials, and of which role."""
    identities = account.client("cognito-identity")
    for name, (open_to_guests, role) in GUESTS.items():
        pool = identities.create_identity_pool(IdentityPoolName=name, AllowUnauthenticatedIdentities=open_to_guests)
        if role:
            roles = {"unauthenticated": f"arn:aws:iam::{ACCOUNT}:role/{role}"}
            identities.set_identity_pool_roles(IdentityPoolId=pool["IdentityPoolId"], Roles=roles)


def build_databases(account: Account, ids: dict[str, str]) -> None:
    owner = {"MasterUsername": "shop", "MasterUserPassword": PASSWORD}
    build_parameters(account)
    for name, region, encrypted in CLUSTERS:
        account.client("rds", region).create_db_cluster(
            DBClusterIdentifier=name,
            Engine="aurora-postgresql",
            StorageEncrypted=encrypted,
            DBClusterParameterGroupName="aurora-tls" if encrypted else "aurora-as-it-comes",
            EnableIAMDatabaseAuthentication=encrypted,
            **owner,
        )
        account.client("rds", region).create_db_instance(
            DBInstanceIdentifier=f"{name}-1",
            DBClusterIdentifier=name,
            DBInstanceClass="db.r6g.large",
            Engine="aurora-postgresql",
            PubliclyAccessible=False,
        )
    legacy = {
        "DBSubnetGroupName": "legacy",
        "VpcSecurityGroupIds": [ids["legacy-database"]],
        "PubliclyAccessible": True,
    }
    account.client("rds", EDGE).create_db_subnet_group(
        DBSubnetGroupName="legacy",
        DBSubnetGroupDescription="old shop",
        SubnetIds=[ids["legacy-public"], ids["legacy-private"]],
    )
    for name, region, engine, encrypted, _ in INSTANCES:
        account.client("rds", region).create_db_instance(
            DBInstanceIdentifier=name,
            DBInstanceClass="db.t4g.medium",
            Engine=engine,
            AllocatedStorage=50,
            StorageEncrypted=encrypted,
            DBParameterGroupName=f"{engine}-tls" if name == "orders-db" else f"{engine}-as-it-comes",
            EnableIAMDatabaseAuthentication=name == "orders-db",
            **(legacy if name == "legacy-shop-db" else {"PubliclyAccessible": False}),
            **owner,
        )
    for name, of, region, shared in SNAPSHOTS:
        rds = account.client("rds", region)
        rds.create_db_snapshot(DBSnapshotIdentifier=name, DBInstanceIdentifier=of)
        if shared:
            rds.modify_db_snapshot_attribute(
                DBSnapshotIdentifier=name, AttributeName="restore", ValuesToAdd=list(shared)
            )
    for name, of, shared in CLUSTER_SNAPSHOTS:
        rds = account.client("rds")
        rds.create_db_cluster_snapshot(DBClusterSnapshotIdentifier=name, DBClusterIdentifier=of)
        if shared:
            rds.modify_db_cluster_snapshot_attribute(
                DBClusterSnapshotIdentifier=name, AttributeName="restore", ValuesToAdd=list(shared)
            )


def build_parameters(account: Account) -> None:
    for name, family, region in (
        ("postgres-tls", "postgres14", MAIN),
        ("postgres-as-it-comes", "postgres14", REPORTS),
        ("mysql-as-it-comes", "mysql8.0", EDGE),
    ):
        account.client("rds", region).create_db_parameter_group(
            DBParameterGroupName=name, DBParameterGroupFamily=family, Description=name
        )
    forced = [{"ParameterName": "rds.force_ssl", "ParameterValue": "1", "ApplyMethod": "pending-reboot"}]
    rds = account.client("rds")
    rds.modify_db_parameter_group(DBParameterGroupName="postgres-tls", Parameters=forced)
    for name in ("aurora-tls", "aurora-as-it-comes"):
        rds.create_db_cluster_parameter_group(
            DBClusterParameterGroupName=name, DBParameterGroupFamily="aurora-postgresql14", Description=name
        )
    rds.modify_db_cluster_parameter_group(DBClusterParameterGroupName="aurora-tls", Parameters=forced)


def build_balancers(account: Account, ids: dict[str, str]) -> None:
    certificates = {
        region: account.client("acm", region).request_certificate(DomainName="shop.fernhollow.test")["CertificateArn"]
        for region in (MAIN, EDGE)
    }
    wall = account.client("wafv2").list_web_acls(Scope="REGIONAL")["WebACLs"][0]["ARN"]
    for made in BALANCERS:
        network, region, kind = made.get("network", "shop"), made.get("region", MAIN), made.get("type", "application")
        elb, scheme = account.client("elbv2", region), made.get("scheme", "internet-facing")
        arn = elb.create_load_balancer(
            Name=made["name"], Scheme=scheme, Type=kind, Subnets=[ids[f"{network}-public"], ids[f"{network}-private"]]
        )["LoadBalancers"][0]["LoadBalancerArn"]
        protocol = "HTTP" if kind == "application" else "TCP"
        group = elb.create_target_group(
            Name=made["name"], Protocol=protocol, Port=8080, VpcId=ids[network], TargetType="ip"
        )["TargetGroups"][0]["TargetGroupArn"]
        for protocol, port, action, tls in made["listeners"]:
            secured = {"SslPolicy": tls, "Certificates": [{"CertificateArn": certificates[region]}]} if tls else {}
            does = {**action, "TargetGroupArn": group} if action is FORWARD else action
            listener = elb.create_listener(
                LoadBalancerArn=arn, Protocol=protocol, Port=port, DefaultActions=[does], **secured
            )["Listeners"][0]["ListenerArn"]
            for priority, (path, rule) in enumerate(made.get("rules", ()) if protocol == "HTTP" else (), start=1):
                elb.create_rule(
                    ListenerArn=listener,
                    Priority=priority,
                    Conditions=[{"Field": "path-pattern", "Values": [path]}],
                    Actions=[{**rule, "TargetGroupArn": group}],
                )
        if made.get("walled"):
            account.client("wafv2").associate_web_acl(WebACLArn=wall, ResourceArn=arn)


def build_distributions(account: Account) -> None:
    edge = account.client("wafv2", EDGE).list_web_acls(Scope="CLOUDFRONT")["WebACLs"][0]["ARN"]
    for name, protocol, version, bucket, control, wall in (
        ("www", "redirect-to-https", "TLSv1.2_2021", "fernhollow-images-original", "E2FERNHOLLOW1", edge),
        ("press", "allow-all", "TLSv1", "fernhollow-press-kit", "", ""),
    ):
        account.client("cloudfront", EDGE).create_distribution(
            DistributionConfig={
                "CallerReference": name,
                "Comment": name,
                "Enabled": True,
                "Aliases": {"Quantity": 1, "Items": [f"{name}.fernhollow.test"]},
                "Origins": {"Quantity": 2, "Items": [origin(name), bucket_origin(bucket, control)]},
                "WebACLId": wall,
                "DefaultCacheBehavior": {
                    "TargetOriginId": name,
                    "ViewerProtocolPolicy": protocol,
                    "MinTTL": 0,
                    "ForwardedValues": {"QueryString": False, "Cookies": {"Forward": "none"}},
                },
                "ViewerCertificate": {
                    "ACMCertificateArn": CERTIFICATE,
                    "SSLSupportMethod": "sni-only",
                    "MinimumProtocolVersion": version,
                    "CloudFrontDefaultCertificate": False,
                },
            }
        )


def bucket_origin(bucket: str, control: str) -> dict[str, Any]:
    return {
        "Id": bucket,
        "DomainName": f"{bucket}.s3.{MAIN}.amazonaws.com",
        "S3OriginConfig": {"OriginAccessIdentity": ""},
        "OriginAccessControlId": control,
    }


def origin(name: str) -> dict[str, Any]:
    secret = {"HeaderName": "x-origin-secret", "HeaderValue": ORIGIN_SECRET}
    return {
        "Id": name,
        "DomainName": f"{name}-origin.fernhollow.test",
        "CustomHeaders": {"Quantity": 1, "Items": [secret]},
        "CustomOriginConfig": {"HTTPPort": 80, "HTTPSPort": 443, "OriginProtocolPolicy": "https-only"},
    }


def build_repositories(account: Account) -> None:
    everything = [{"filter": "*", "filterType": "WILDCARD"}]
    account.client("ecr", REPORTS).put_registry_scanning_configuration(
        scanType="ENHANCED", rules=[{"scanFrequency": "CONTINUOUS_SCAN", "repositoryFilters": everything}]
    )
    for name, region, mutability, scanned, statements in REPOSITORIES:
        ecr = account.client("ecr", region)
        ecr.create_repository(
            repositoryName=name, imageTagMutability=mutability, imageScanningConfiguration={"scanOnPush": scanned}
        )
        if statements:
            text = json.loads(policy(*statements))
            for one in text["Statement"]:
                del one["Resource"]  # a repository's policy names none
            ecr.set_repository_policy(repositoryName=name, policyText=json.dumps(text))


def build_containers(account: Account, ids: dict[str, str]) -> None:
    for family, (region, task, container) in TASKS.items():
        image = f"{ACCOUNT}.dkr.ecr.{region}.amazonaws.com/{family}:1"
        account.client("ecs", region).register_task_definition(
            family=family, containerDefinitions=[{"name": "app", "image": image, "memory": 256, **container}], **task
        )
    for name, region in sorted({(cluster, region) for cluster, region, *_ in SERVICES}):
        account.client("ecs", region).create_cluster(clusterName=name, configuration=SESSIONS.get(name, {}))
    for cluster, region, service, family, public in SERVICES:
        own = {"subnets": [ids["shop-private"]], "securityGroups": [ids["functions"]], "assignPublicIp": public}
        placed = {"networkConfiguration": {"awsvpcConfiguration": own}, "launchType": "FARGATE"} if public else {}
        account.client("ecs", region).create_service(
            cluster=cluster, serviceName=service, taskDefinition=family, desiredCount=1, **placed, **TALK[service]
        )


def build_kubernetes(account: Account, ids: dict[str, str]) -> None:
    eks = account.client("eks")
    for name, public, ranges, version, admins in KUBERNETES:
        network = {
            "subnetIds": [ids["shop-private"], ids["shop-public"]],
            "endpointPublicAccess": public,
            "endpointPrivateAccess": True,
            **({"publicAccessCidrs": ranges} if ranges else {}),
        }
        kept: dict[str, Any] = {}
        if name == "platform":
            key = f"arn:aws:kms:{MAIN}:{ACCOUNT}:alias/orders"
            kept["encryptionConfig"] = [{"resources": ["secrets"], "provider": {"keyArn": key}}]
            kept["logging"] = {"clusterLogging": [{"types": ["audit", "authenticator"], "enabled": True}]}
        role = f"arn:aws:iam::{ACCOUNT}:role/{name}-cluster"
        eks.create_cluster(name=name, version=version, roleArn=role, resourcesVpcConfig=network, **kept)
        for admin in admins:
            one = {"clusterName": name, "principalArn": f"arn:aws:iam::{ACCOUNT}:role/{admin}"}
            eks.create_access_entry(**one)
            eks.associate_access_policy(**one, policyArn=CLUSTER_ADMIN, accessScope={"type": "cluster"})


def build_mesh(account: Account) -> None:
    lattice = account.client("vpc-lattice")
    lattice.create_service_network(name="shop-mesh", authType="AWS_IAM")
    for name, kind, said in MESH:
        made = lattice.create_service(name=name, authType=kind)["arn"]
        if said:
            lattice.put_auth_policy(resourceIdentifier=made, policy=policy(said))
