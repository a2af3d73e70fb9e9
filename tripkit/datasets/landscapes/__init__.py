"""Travel posters drawn as data for training: what is shown, where it stands, how it is painted."""
