"""Write the snapshot of AWS managed policies anew, from the installed moto.

`python -m posture.management.managed_policies`
"""

from __future__ import annotations

import json
import sys
from typing import Any

from scanners.catalog import managed_policies


def main() -> None:
    import moto
    from moto.iam.aws_managed_policies import aws_managed_policies_data

    policies: dict[str, dict[str, Any]] = json.loads(aws_managed_policies_data)
    documents = {f"{one['Path'][1:]}{name}": one["Document"] for name, one in policies.items()}
    newest = max(one.get("UpdateDate", one["CreateDate"]) for one in policies.values())
    raw = managed_policies.packed(documents, read_on=newest[:10], source=f"moto {moto.__version__}")
    managed_policies.FILE.write_bytes(raw)
    sys.stdout.write(f"{len(documents)} policies as of {newest[:10]}, {len(raw):,} bytes\n")


if __name__ == "__main__":
    main()
