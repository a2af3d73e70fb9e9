"""Checks of the exercises: they test properties, and name the mistake that was probably made."""

from tripkit.checks.base import Verdict
from tripkit.checks.palettes import check_color_code, check_palette_distance, check_safe_swatch

__all__ = ["Verdict", "check_color_code", "check_palette_distance", "check_safe_swatch"]
