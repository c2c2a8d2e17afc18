"""`make bench` and `make load`: the figures that the docs quote, measured."""
