"""Endless labelled expressions out of real ink."""
