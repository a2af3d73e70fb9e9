"""What may be chosen and what it costs: models, servers, prices, consent, the OpenAI client."""
