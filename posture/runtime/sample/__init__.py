"""A sample AWS account on a loopback emulator: for the demo and for tests, and no part of the product itself."""
