"""How AWS is asked, service by service."""
