"""tripkit: ask for a trip, get three with palettes, press one, watch a postcard appear from noise.

The public names below are loaded when they are first used, so that ``import tripkit`` stays light:
it imports neither torch, diffusers, transformers, openai nor ipywidgets.
"""

from importlib import import_module

__version__ = "0.2.0"

_HOME = {
    "TripkitError": "core.errors",
    "Stop": "trips",
    "Trip": "trips",
    "TripPlan": "trips",
    "validate_plan": "trips",
    "ImagePrompt": "prompts",
    "compose_prompt": "prompts",
    "load_services": "services.registry",
    "make_planner": "planners",
    "make_backend": "images",
    "Postcard": "images.postcard",
    "read_postcard": "images.postcard",
    "TripSession": "session",
    "TripApp": "app.trip_app",
}

__all__ = ["__version__", *_HOME]


def __getattr__(name):
    """Imports a public name from the module it lives in, once (PEP 562)."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__():
    return sorted({*globals(), *__all__})
