"""Extraction of any size: input in chunks, worker processes or a cluster, a cache, and runs that can be resumed."""
