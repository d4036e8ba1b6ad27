"""Google Cloud, project by project: over REST with JSON only, so that no gRPC lives in a process that forks."""
