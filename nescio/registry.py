"""The private registry beside the outbox: random document ids, drawn once for a content."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from pathlib import Path
from typing import Final

from nescio.store import PRIVATE, Store

REGISTRY_KEY: Final = f"{PRIVATE}/registry.json"
CHUNK: Final = 1 << 20


class Registry:
    """Ids by the keyed hash of the content; the hash key never leaves the private folder.

    An id is drawn at random: 45 CFR 164.514(c) forbids codes derived from the individual.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        try:
            data = json.loads(store.read(REGISTRY_KEY))
        except FileNotFoundError:
            data = {"key": secrets.token_hex(32), "documents": {}}
        self._key = bytes.fromhex(data["key"])
        self._documents: dict[str, str] = data["documents"]

    def content_key(self, path: Path) -> str:
        """Return the keyed hash (HMAC-SHA-256, hexadecimal) of a file's bytes."""
        digest = hmac.new(self._key, digestmod=hashlib.sha256)
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                digest.update(chunk)
        return digest.hexdigest()

    def outbox_key(self, content_key: str, *versions: str) -> str:
        """Return the keyed hash of all that decides what a released file looks like.

        Args:
            content_key: of the document.
            versions: of policy, model and code, and whatever else counts, in a fixed order.
        """
        text = "\n".join((content_key, *versions))
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()

    def document_id(self, content_key: str) -> str:
        """Return the content's id, drawn now if it is new."""
        if content_key not in self._documents:
            self._documents[content_key] = f"d-{secrets.token_hex(5)}"
        return self._documents[content_key]

    def save(self) -> None:
        """Write the registry whole."""
        data = {"key": self._key.hex(), "documents": self._documents}
        self._store.write(REGISTRY_KEY, json.dumps(data).encode())
