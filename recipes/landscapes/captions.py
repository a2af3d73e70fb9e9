"""What is said of the pictures: the words that tokenizer, CLIP and U-Net learn.

Half of the captions have the very form that the app sends (`prompts.postcard_words.worded`), some
of their places with a proper name, of which none stands in the trip catalogue; the others are plain
and free ones. Languages take turns.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from tripkit.core.messages import LANGUAGES
from tripkit.datasets.free_captions import worded
from tripkit.datasets.landscapes.scene import Scene

SENT = 0.5  # of the captions, in the app's form
NAMES = 0.3  # of the places in these, with a proper name


def said(scenes: Iterable[Scene], rng: np.random.Generator, drop: float = 0.0) -> list[str]:
    """A caption of each scene, the share ``drop`` of them empty."""
    return [
        ""
        if rng.random() < drop
        else worded(scene, LANGUAGES[i % len(LANGUAGES)], rng, sent=SENT, names=NAMES)
        for i, scene in enumerate(scenes)
    ]
