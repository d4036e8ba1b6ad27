"""What posture knows about clouds: how to ask them, and what follows.  Pure: no Django, no database."""
