"""What containers can change and whether they are heard: CASES are run by tests/house/test_checks.py."""

from tests.core.cases import Cases
from tests.core.checks.test_containers import task

READ_ONLY = {"readonlyRootFilesystem": True}


def logged(driver):
    return {"logConfiguration": {"logDriver": driver}}


WINDOWS = {"runtimePlatform": {"operatingSystemFamily": "WINDOWS_SERVER_2022_CORE"}}
CASES = {
    "aws.ecs.writable_root": Cases(
        fails=(
            task(),
            task({"readonlyRootFilesystem": False}),
            task(READ_ONLY, {"name": "sidecar"}),
            task(runtimePlatform={"operatingSystemFamily": "LINUX"}),
        ),
        passes=(task(READ_ONLY), task(READ_ONLY, {"name": "sidecar", **READ_ONLY})),
        neutral=(task(**WINDOWS),),
    ),
    "aws.ecs.no_logging": Cases(
        fails=(task(), task(logged("awslogs"), {"name": "sidecar"}), task(logged(None))),
        passes=(task(logged("awslogs")), task(logged("awsfirelens"), {"name": "router", **logged("awslogs")})),
    ),
}
