"""Access by the rules of AWS."""
