"""What every notebook of the course asks first: which language it is in."""

import os
from pathlib import Path

from tripkit.core.messages import LANGUAGES


def notebook_language() -> str:
    """The language of the notebook that calls this: "en" or "ko".

    ``TRIPKIT_LANGUAGE`` decides, else the name of the folder it runs in; Korean anywhere else.
    """
    wished = os.environ.get("TRIPKIT_LANGUAGE", "") or Path.cwd().name
    return wished if wished in LANGUAGES else "ko"
