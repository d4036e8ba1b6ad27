"""Azure: the subscription's resources, who may do what with them, and the directory behind."""
