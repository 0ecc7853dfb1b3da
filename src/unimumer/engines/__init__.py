"""Ways to run a model, all behind one small protocol."""
