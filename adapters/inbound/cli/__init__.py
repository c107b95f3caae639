"""The command line: the API's client for an operator, who reads tables and sentences."""
