"""What the program runs on: its home on disk, the embedded Postgres and broker, the supervisor behind `up`."""
