"""Who is an administrator: all may be done on everything, and nothing keeps it from rewriting IAM.

Identity policies and boundary must allow a sample of actions across services, one of a service that does not exist
among them; at least one way of writing IAM policies must survive every Deny and SCP.  A Deny of single other actions
changes nothing: who writes IAM takes it away.  SCPs bind everybody of an account, its administrators too.
"""

from __future__ import annotations

from scanners.access.aws.arns import target
from scanners.graph.layers import Asked, Layers
from scanners.graph.scene import Scene
from scanners.graph.sheets import IAM_WRITES, SAMPLES, sheet

_SHAPES = {"s3": ":::sample-bucket/sample", "iam": "::{account}:user/sample", "sts": "::{account}:role/sample"}


def sample(scene: Scene, action: str) -> str:
    """The ARN of something that the action could be done on."""
    service = action.partition(":")[0]
    account = scene.account
    rest = _SHAPES.get(service, f":{account.region}:{{account}}:sample/sample").format(account=account.id)
    written = "iam" if service == "sts" else service
    return f"arn:{account.partition}:{written}{rest}"


def _writes(scene: Scene, action: str) -> str:
    kind = "role" if "role" in action else "policy" if "version" in action else "user"
    return f"arn:{scene.account.partition}:iam::{scene.account.id}:{kind}/sample"


def is_administrator(scene: Scene, layers: Layers, asked: Asked) -> bool:
    covering = (layers.identity, *(() if layers.boundary is None else (layers.boundary,)))
    permits, one = scene.weighing.permits, scene.weighing.one
    if not all(
        permits(layer, action, target(sample(scene, action)), asked) for action in SAMPLES for layer in covering
    ):
        return False
    return any(one(layers, action, _writes(scene, action), asked) for action in IAM_WRITES)


def is_full(scene: Scene, document: object) -> bool:
    """Whether a policy alone makes an administrator."""
    if document is None:
        return False
    return is_administrator(scene, Layers((sheet(document, "identity"),), None, ()), scene.weighing.asked(None))
