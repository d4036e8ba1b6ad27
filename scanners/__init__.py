"""What posture knows about clouds: how to ask them, and what follows from their answers.  Pure: no Django, no database."""
