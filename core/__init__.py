"""The ledger itself: entities, rules, ports and use cases.

Standard library only, and of that nothing that does I/O, tells the time or rolls dice:
whatever the core decides can be decided again, later, from the same records.
"""
