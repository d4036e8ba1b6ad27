"""What follows from access: who can become whom, and so reach an administrator's power."""
