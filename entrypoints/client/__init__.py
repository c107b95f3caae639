"""The verbs that talk to a running service: a module for each group of them."""
