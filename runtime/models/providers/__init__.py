"""Chat models of remote APIs, by the OpenAI protocol."""
