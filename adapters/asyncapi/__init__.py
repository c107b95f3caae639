"""What is written to topics and told to endpoints, described for whoever reads it."""
