"""What only the notebooks use: checks of exercises, figures, lessons, measured tables."""
