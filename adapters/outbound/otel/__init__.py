"""Traces, by OpenTelemetry. An extra: nothing here is imported while tracing is off."""
