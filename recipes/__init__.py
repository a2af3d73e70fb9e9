"""One recipe a shipped model: ``python -m recipes.<recipe>``."""
