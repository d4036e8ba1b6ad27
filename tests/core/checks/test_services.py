"""Services of ECS: CASES are run by tests/house/test_checks.py."""

from tests.core.cases import Case, Cases, resource

CLUSTER, TASK = "AWS::ECS::Cluster", "AWS::ECS::TaskDefinition"
FAMILY = "arn:aws:ecs:eu-west-1:111122223333:task-definition/web"
TO_A_GROUP = {"logging": "OVERRIDE", "logConfiguration": {"cloudWatchLogGroupName": "shells"}}
NO_CLUSTER = "gone"


def task(*drivers):
    described = [{"name": f"c{n}", "logConfiguration": {"logDriver": one}} for n, one in enumerate(drivers)]
    return resource(TASK, FAMILY, DescribeTaskDefinition={"containerDefinitions": described})


def shells(on=True, sessions=None, drivers=("json-file",), subject="web", services=1):
    said = {"serviceName": "web", "taskDefinition": f"{FAMILY}:7", "enableExecuteCommand": on}
    settings = None if sessions == NO_CLUSTER else {"executeCommandConfiguration": sessions or {}}
    found = {"web": [said]} if services else {}
    cluster = resource(CLUSTER, DescribeServices=found, DescribeClusters=settings)
    return Case(cluster, (task(*drivers),) if drivers else (), subject=subject)


def mesh(*ports, status="PRIMARY", subject="web"):
    """`ports`: whether each speaks TLS."""
    offered = [{"portName": f"p{n}", "tls": tls} for n, tls in enumerate(ports)]
    said = {"serviceName": "web", "serviceConnect": [{"status": status, "enabled": True, "services": offered}]}
    return Case(resource(CLUSTER, DescribeServices={"web": [said]}), subject=subject)


CASES = {
    "aws.ecs.exec_enabled": Cases(
        fails=(
            shells(),
            shells(sessions={"logging": "NONE"}, drivers=("awslogs",)),
            shells(sessions={"logging": "DEFAULT"}, drivers=("awslogs", "fluentd")),
            shells(sessions={"logging": "OVERRIDE", "logConfiguration": {}}, drivers=("awslogs",)),
        ),
        passes=(
            shells(on=False),
            shells(on=None),
            shells(sessions=TO_A_GROUP),
            shells(sessions={"logging": "OVERRIDE", "logConfiguration": {"s3BucketName": "b"}}),
            shells(sessions={"logging": "DEFAULT"}, drivers=("awslogs",)),
            shells(drivers=("awslogs", "awslogs")),
        ),
        neutral=(shells(services=0, subject=""),),
        unknown=(shells(sessions=NO_CLUSTER), shells(drivers=())),
    ),
    "aws.ecs.service_connect_tls": Cases(
        fails=(mesh(False), mesh(True, False)),
        passes=(mesh(True), mesh(True, True)),
        neutral=(mesh(subject=""), mesh(False, status="ACTIVE", subject="")),
        unknown=(mesh(None),),
    ),
}
