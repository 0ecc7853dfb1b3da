"""The tree of an expression in other languages, each by a small writer of its own."""
