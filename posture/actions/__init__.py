"""What people and schedules can do.  Keyword-only, the clock passed in, the transaction here."""
