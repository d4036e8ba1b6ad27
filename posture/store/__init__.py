"""Core values → rows.  The only room that writes what scans saw: in bulk, idempotent, fenced."""
