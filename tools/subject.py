"""Refuses a commit whose subject is empty or over 72 characters: python -m tools.subject FILE."""

import sys
from pathlib import Path

MOST = 72


def problem(message: str) -> str | None:
    """What is wrong with the first line of a commit's message, or None."""
    subject = message.partition("\n")[0].strip()
    if not subject:
        return "The commit has no subject: its first line is empty."
    if len(subject) > MOST:
        return f"The subject has {len(subject)} characters; at most {MOST} are allowed: {subject}"
    return None


def main(arguments: list[str]) -> int:
    """Reads the message from the file that git names; returns the exit status."""
    found = problem(Path(arguments[0]).read_text(encoding="utf-8"))
    if found:
        print(found, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
