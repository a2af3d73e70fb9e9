"""From tokens to US dollars, with the prices of `services.toml`."""

from tripkit.services import registry
from tripkit.services.registry import Service

PARTIAL_TOKENS = 100  # image tokens that each streamed preview adds to the bill
MOST_TOKENS = 10**9  # of one answer: more is no count
BYTES_PER_TOKEN = 3  # of UTF-8 text: rather too many tokens than too few, in English and Korean


def priced(model: str, kind: str) -> Service | None:
    """OpenAI's row for the model; None for a model that is not listed."""
    service = registry.known_service(model)
    return service if service and (service.service, service.kind) == ("openai", kind) else None


def picture_cost(price: Service | None, quality: str, size: str, partials: int) -> float | None:
    """About what one picture costs in US dollars, without its prompt; None where nobody knows.

    Known are the picture with the registry's own parameters, and those whose image tokens the
    registry lists by quality at that size.
    """
    if price is None or (partials and price.usd_per_million_image_output is None):
        return None
    usual = price.parameters
    if size != usual.get("size"):
        return None
    picture = price.usd_per_picture if quality == usual.get("quality") else None
    if picture is None and price.usd_per_million_image_output is not None:
        tokens = price.output_tokens.get(quality)
        picture = None if tokens is None else tokens * price.usd_per_million_image_output / 1e6
    if picture is None:
        return None
    previews = partials * PARTIAL_TOKENS * (price.usd_per_million_image_output or 0.0) / 1e6
    return picture + previews


def text_cost(price: Service | None, *texts: str) -> float | None:
    """About what a model takes for reading these texts, in US dollars."""
    if price is None or price.usd_per_million_input is None:
        return None
    size = sum(len(each.encode("utf-8", "replace")) for each in texts)
    return size / BYTES_PER_TOKEN * price.usd_per_million_input / 1e6


def image_bill(price: Service | None, usage: object) -> float | None:
    """What the ``usage`` of a picture costs in US dollars; None if a count or price is missing."""
    if price is None or not isinstance(usage, dict):
        return None
    inputs, outputs = _part(usage, "input"), _part(usage, "output")
    image_in = inputs.get("image_tokens", 0)
    text_out = outputs.get("text_tokens", 0)
    return _sum(
        (_less(usage.get("input_tokens"), image_in), price.usd_per_million_input),
        (image_in, price.usd_per_million_image_input),
        (_less(usage.get("output_tokens"), text_out), price.usd_per_million_image_output),
        (text_out, price.usd_per_million_output),
    )


def text_bill(price: Service | None, input_tokens: object, output_tokens: object) -> float | None:
    """What an answer in text costs in US dollars; None if a count or price is missing."""
    if price is None:
        return None
    read, written = price.usd_per_million_input, price.usd_per_million_output
    return _sum((input_tokens, read), (output_tokens, written))


def _sum(*billed: tuple[object, float | None]) -> float | None:
    total = 0.0
    for tokens, per_million in billed:
        if type(tokens) is not int or not 0 <= tokens <= MOST_TOKENS:
            return None
        if tokens and per_million is None:
            return None
        total += tokens * (per_million or 0.0) / 1e6
    return total


def _part(usage: dict, side: str) -> dict:
    details = usage.get(f"{side}_tokens_details")
    return details if isinstance(details, dict) else {}


def _less(tokens: object, part: object) -> int | None:
    return tokens - part if type(tokens) is int and type(part) is int else None
