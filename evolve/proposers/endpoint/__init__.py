"""A chat model behind an endpoint: asked with patience, and never trusted."""

from actdsl.evolve.proposers.endpoint.chat import Endpoint

__all__ = ["Endpoint"]
