"""Ways to run a model, all behind one small protocol."""

NAMES = (
    "nano, a folder with a model, OWNER/MODEL of the hub, hf:… or vllm:… before these, openai:MODEL@ADDRESS, or fake"
)
"""How a model can be named. It is here so that help on a command loads no engine."""
