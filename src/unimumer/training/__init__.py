"""Training: the small embedded model today, LLaMA-Factory runs later."""
