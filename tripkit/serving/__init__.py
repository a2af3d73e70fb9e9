"""``tripkit serve``: the shipped models behind OpenAI's protocol, on this machine only."""
