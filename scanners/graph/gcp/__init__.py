"""Ways to more power in a project of Google Cloud: the access engine, the things of the estate, and the rules."""

from scanners.graph.gcp.explorer import GoogleExplorer, explorer

__all__ = ["GoogleExplorer", "explorer"]
