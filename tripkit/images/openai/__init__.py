"""Pictures by OpenAI's image models, or any server that speaks like them."""

from tripkit.images.openai.backend import OpenAIImageBackend

__all__ = ["OpenAIImageBackend"]
