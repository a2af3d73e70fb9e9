"""What the postcards are trained on: scenes, the renderer, captions."""
