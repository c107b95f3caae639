"""The process that tells endpoints what becomes of commands: intake, couriers, upkeep."""
