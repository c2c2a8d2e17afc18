"""Operators' work on stored figures: to recount them, make them again, and erase from them."""
