"""Rules about telemetry: alarms that cannot ring, logs that nobody keeps or that are kept for ever."""
