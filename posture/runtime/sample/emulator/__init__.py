"""moto behind a thin overlay: AWS-shaped errors, the calls that moto lacks, injected faults, a journal of calls."""

ACCOUNT = "424242424242"
REGIONS = ("eu-west-1", "us-east-1", "eu-central-1", "eu-south-1")
CLOSED_REGIONS = ("af-south-1", "ap-east-1", "eu-south-2", "me-central-1", "me-south-1")
