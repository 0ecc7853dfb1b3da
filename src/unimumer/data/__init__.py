"""Datasets as samples, in the layout of the released system."""
