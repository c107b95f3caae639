"""What JSON the ledger's values are (`adapters.representations` makes it): types to be described,
not to be built.
"""
