"""A real PostgreSQL and a real Kafka on this machine, and the product between them.

`python -m infra.local run` is what `make run` calls. `LocalPostgres` and `LocalKafka` are the
servers themselves; tests start them too.
"""
