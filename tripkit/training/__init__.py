"""What lessons and recipes share: a training run, averaged weights, saved models."""
