"""Facts about clouds as data: dated, and with their sources."""
