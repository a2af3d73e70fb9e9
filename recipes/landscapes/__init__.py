"""Recipes of the next postcard model: 128 x 128 pixels, 42 kinds of place, layouts that vary.

In this order: ``pictures`` (drawn once for all), ``autoencoder``, ``judge``, ``tokenizer``,
``clip``, ``unet``. Nothing that ships was made by these yet.
"""
