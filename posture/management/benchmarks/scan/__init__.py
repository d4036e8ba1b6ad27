"""`bench scan`: the whole product and its peers, on a seeded account behind a proxy with AWS's latency and limits."""
