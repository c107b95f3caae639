"""Bulk load: a CSV file of commands, given to the service in batches, none of them twice."""
