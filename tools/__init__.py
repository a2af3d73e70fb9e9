"""What keeps the course in step: tools for maintainers, not for users."""
