"""LLaMA-Factory as a program of its own: run files checked, started, followed and recorded."""
