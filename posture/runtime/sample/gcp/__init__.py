"""A strict loopback double of the Google Cloud APIs that the collectors ask."""
