"""The kinds of conversation a model is trained on: prompt, target, and the way back."""
