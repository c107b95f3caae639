"""What webhooks need of the outside: what is kept of them, and calling."""
