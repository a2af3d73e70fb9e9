"""Large models on this computer: planned, fetched, resumed, checked."""
