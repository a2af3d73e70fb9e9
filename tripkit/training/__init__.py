"""One recipe a shipped model: ``python -m tripkit.training.<recipe>``."""
