"""Ways to more power in a subscription and its directory: the engine, the things of the estate, and the rules."""

from scanners.graph.azure.explorer import AzureExplorer, explorer

__all__ = ["AzureExplorer", "explorer"]
