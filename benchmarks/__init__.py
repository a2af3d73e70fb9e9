"""Scripts that print the tables of the docs: ``python -m benchmarks.<name>``."""
