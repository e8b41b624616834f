"""Context: does a paragraph stand under the same heading as the one before it, in which section."""

from nescio.context.predict import predict_context
from nescio.context.rules import stream_of

__all__ = ["predict_context", "stream_of"]
