"""The kinds of place, each drawn mostly in its asked colour."""

from tripkit.datasets.landscapes.motifs import buildings, fields, leisure, nature, town, water
from tripkit.datasets.landscapes.motifs.registry import MOTIFS

__all__ = ["MOTIFS", "buildings", "fields", "leisure", "nature", "town", "water"]
