"""A loopback double of Azure Resource Manager, Resource Graph and Microsoft Graph, and what stands in it."""
