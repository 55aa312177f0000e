"""The command line: `mecapy login`, `push`, `run`, `logs`, `share`."""
