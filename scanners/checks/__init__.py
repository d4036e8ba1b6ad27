"""Questions about resources, one module per theme."""
