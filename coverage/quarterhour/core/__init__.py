"""Reachability, coverage and service areas on plain arrays: no frames, files, logs or globals."""
