"""Starts MiniStack as this workspace's local AWS: on loopback only, with TLS, and with its gaps to AWS closed."""
