"""What `make run` runs: LiveInsight on one machine, with an emulated AWS. Never deployed."""
