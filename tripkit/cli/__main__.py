"""`python -m tripkit.cli` is the command `tripkit`."""

import sys


def main() -> int:
    """Runs one command; returns its exit status. Ctrl+C may come while modules are imported."""
    try:
        from tripkit.cli import commands

        return commands.main()
    except KeyboardInterrupt:
        return _stopped()


def _stopped() -> int:
    # Not by `cli.output` and `cli.options`: it may be their import that was stopped.
    from tripkit.core.console import default_language, language_said, make_readable
    from tripkit.core.messages import LANGUAGES, text

    make_readable()
    said = language_said(sys.argv[1:])
    language = said if said in LANGUAGES else default_language()
    print(text("error.cancelled", language), file=sys.stderr)
    return 130  # the shell's own status for Ctrl+C


if __name__ == "__main__":
    sys.exit(main())
