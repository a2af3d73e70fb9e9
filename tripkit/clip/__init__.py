"""CLIP: pictures and texts in one space.

The names of the lesson are at hand here; `encoder` holds them.
"""

from tripkit.clip.encoder import CLIPEncoder, contrastive_loss, similarity, unit, zero_shot

__all__ = ["CLIPEncoder", "contrastive_loss", "similarity", "unit", "zero_shot"]
