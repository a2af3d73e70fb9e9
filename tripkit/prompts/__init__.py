"""From request, plan and choice to the words that a picture model reads."""

from tripkit.prompts.compose import ImagePrompt, compose_prompt

__all__ = ["ImagePrompt", "compose_prompt"]
