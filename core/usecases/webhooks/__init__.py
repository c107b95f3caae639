"""What is done about webhooks: by whoever manages endpoints, and by the process that calls."""
