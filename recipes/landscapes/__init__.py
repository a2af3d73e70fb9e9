"""Recipes of the next postcard model: 128 x 128 pixels, 42 kinds of place, layouts that vary.

In this order: ``pictures`` (drawn once for all), ``autoencoder``, ``judge`` and ``segmenter``,
``tokenizer``, ``clip``, ``unet``. Nothing that ships was made by these yet. ``checkpoints`` holds
what is trained and goes into the next recipe: the autoencoder (``--vae
recipes/landscapes/checkpoints``), whose decoder may still be sharpened, its encoder not: latents
would change. Its run took two runs of the recipe, 10,000 steps and then on to 17,000, the second
with other pictures; the first was resumed before trainers kept the order of ``channels_last``
moments, so a run from nothing gives other weights.
"""
