"""`make run`: LiveInsight on one machine, with an emulated AWS. Never deployed."""
