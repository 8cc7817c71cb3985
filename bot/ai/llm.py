"""The optional model behind any OpenAI-compatible server: off until a key is set.

Nothing a model says is believed: its answer is parsed here, and only enums, offered ids and words
that stand in the thread get through. It never posts, merges or decides.
"""

import asyncio
import json
import re
import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.ai.announcing import (
    AnnouncementFacts,
    check_wording,
    render_announcement_prompt,
    render_announcement_schema,
)
from bot.ai.prompts import (
    CONFIDENCES,
    DECISION_PROMPT_VERSION,
    DecisionPrompt,
    ThreadMessage,
    render_decision_prompt,
    render_decision_schema,
)
from bot.ai.wording import visible
from bot.errors import Unavailable

if TYPE_CHECKING:
    from openai import AsyncOpenAI

# Somebody waits in front of an open form; the package's own default is 600 s.
TIMEOUT_SECONDS = 25.0
# Rate limits and hiccups pass; more tries would outlast the person's patience.
MAX_RETRIES = 2
# A draft is a few quoted sentences; more is a model that lost the thread.
MAX_ANSWER_TOKENS = 1_500
# What a form's field takes comfortably; a longer span is no span.
MAX_TITLE_CHARACTERS, MAX_SPAN_CHARACTERS = 150, 600
MAX_SPANS, MAX_OPTIONS = 3, 6
MAX_BRACES = 40
MAX_MODEL_CHARACTERS = 100
# Named here, else the package would take another address from the environment.
OPENAI_URL = "https://api.openai.com/v1"
# How strictly the server can hold the model to a form, strictest first.
FORMATS = ("json_schema", "json_object", "plain")
# 128 bits: a thread cannot guess the mark under which it is sent.
MARK_BYTES = 16
# Servers without a response format answer with one of these; a missing model or path is 404.
_REFUSES_FORMAT = (400, 415, 422, 501)


Form = TypeVar("Form", bound=BaseModel)


class ModelUnavailable(Unavailable):
    """The model's server did not serve the call. ``retry_after`` in seconds if it named one."""

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        self.retry_after = retry_after
        super().__init__(message)


class ModelAnswerInvalid(Unavailable):
    """The model answered, but not in the form asked for; nothing of it was used."""


@dataclass(frozen=True)
class Provenance:
    """Where an answer came from; stored with it. Tokens are 0 when the server does not count."""

    model: str
    prompt_version: str
    input_tokens: int
    output_tokens: int


@dataclass(frozen=True)
class DecisionDraft:
    """A filled-in form for a person to check. All words stand in the thread, except "".

    `owner` is a Slack user id of somebody who wrote in the thread, or None; `confidence` is low,
    medium, high or None.
    """

    title: str
    context: str
    options: tuple[str, ...]
    choice: str
    rationale: str
    owner: str | None
    confidence: str | None
    provenance: Provenance


class Drafter(Protocol):
    """Turns a thread into a draft; a deployment without a key has none."""

    async def draft_decision(self, thread: Sequence[ThreadMessage]) -> DecisionDraft | None:
        """A draft, or None if the thread settles nothing that can be quoted.

        Raises ModelUnavailable or ModelAnswerInvalid; the form then opens empty.
        """
        ...

    async def word_announcement(self, facts: AnnouncementFacts) -> str:
        """The facts of a launch in the model's words, checked against them.

        Raises ModelUnavailable or ModelAnswerInvalid; the template's words then stand.
        """
        ...


class _Answer(BaseModel):
    """The form of an answer. What is not asked for is dropped; what is missing is empty."""

    model_config = ConfigDict(extra="ignore", strict=True)

    is_decision: bool
    title: str = ""
    context: list[str] = Field(default_factory=list)
    options: list[str] = Field(default_factory=list)
    choice: str = ""
    rationale: list[str] = Field(default_factory=list)
    owner: str | None = None
    confidence: str | None = None


class _Wording(BaseModel):
    """The form of an announcement's answer."""

    model_config = ConfigDict(extra="ignore", strict=True)

    text: str


@dataclass(frozen=True)
class _Ask:
    """What is sent: messages, and the schema that a strict server holds the answer to."""

    name: str
    messages: list[dict[str, str]]
    schema: dict[str, object]


class _Message(BaseModel):
    content: str | None = None


class _Choice(BaseModel):
    message: _Message
    finish_reason: str | None = None


class _Usage(BaseModel):
    prompt_tokens: int = 0
    completion_tokens: int = 0


class _Completion(BaseModel):
    """What is read of a completion; compatible servers differ in all the rest."""

    choices: list[_Choice]
    model: str = ""
    usage: _Usage | None = None


class ModelDrafter:
    """Drafter over `chat.completions` of `base_url` (None: api.openai.com) with `model`."""

    def __init__(
        self,
        *,
        api_key: str,
        model: str,
        base_url: str | None = None,
        timeout_seconds: float = TIMEOUT_SECONDS,
        max_retries: int = MAX_RETRIES,
        new_mark: Callable[[], str] = lambda: secrets.token_hex(MARK_BYTES),
    ) -> None:
        self._api_key, self._base_url, self._model = api_key, base_url, model
        self._timeout_seconds, self._max_retries = timeout_seconds, max_retries
        self._new_mark = new_mark
        self._format = FORMATS[0]

    async def draft_decision(self, thread: Sequence[ThreadMessage]) -> DecisionDraft | None:
        """A draft, or None if the thread settles nothing that can be quoted."""
        if not any(message.text.strip() for message in thread):
            return None
        prompt = render_decision_prompt(thread, self._new_mark())
        schema = render_decision_schema(list(prompt.owners))
        completion = await self._complete(_Ask("decision_draft", prompt.messages, schema))
        answer = _parsed(completion, _Answer)
        return _checked(answer, prompt, _provenance(completion, self._model))

    async def word_announcement(self, facts: AnnouncementFacts) -> str:
        """The facts of a launch in the model's words, checked against them."""
        messages = render_announcement_prompt(facts, self._new_mark())
        ask = _Ask("announcement", messages, render_announcement_schema())
        text = _parsed(await self._complete(ask), _Wording).text.strip()
        if problems := check_wording(text, facts):
            raise ModelAnswerInvalid(f"The model said what the facts do not: {problems[0]}")
        return text

    async def _complete(self, prompt: _Ask) -> _Completion:
        import openai

        # The package bounds each read; this bounds a server that drips one byte at a time.
        patience = self._timeout_seconds * (self._max_retries + 1) * len(FORMATS)
        try:
            async with asyncio.timeout(patience), self._client() as client:
                return await self._in_best_format(client, prompt)
        except (openai.APITimeoutError, TimeoutError) as error:
            message = f"The model did not answer within {self._timeout_seconds:g} seconds."
            raise ModelUnavailable(message) from error
        except openai.APIStatusError as error:
            raise _refused(error.status_code, error.response.headers.get("retry-after")) from error
        except openai.OpenAIError as error:
            raise ModelUnavailable("The model's server could not be reached.") from error
        except ValidationError as error:
            raise ModelAnswerInvalid("The model's server answered in no known form.") from error

    def _client(self) -> "AsyncOpenAI":
        import openai

        return openai.AsyncOpenAI(
            api_key=self._api_key,
            base_url=self._base_url or OPENAI_URL,
            timeout=self._timeout_seconds,
            max_retries=self._max_retries,
        )

    async def _in_best_format(self, client: "AsyncOpenAI", prompt: _Ask) -> _Completion:
        """Ask in the strictest format the server takes, and remember which that is."""
        import openai

        for form in FORMATS[FORMATS.index(self._format) : -1]:
            try:
                completion = await self._ask(client, prompt, form)
            except openai.APIStatusError as error:
                if error.status_code not in _REFUSES_FORMAT:
                    raise
            else:
                self._format = form
                return completion
        completion = await self._ask(client, prompt, FORMATS[-1])
        self._format = FORMATS[-1]
        return completion

    async def _ask(self, client: "AsyncOpenAI", prompt: _Ask, form: str) -> _Completion:
        raw = await client.chat.completions.with_raw_response.create(
            model=self._model,
            messages=prompt.messages,  # type: ignore[arg-type]
            **_options(form, prompt),
        )
        return _Completion.model_validate_json(raw.http_response.content)


def _options(form: str, prompt: _Ask) -> dict[str, Any]:
    """The request's fields beyond model and messages; "plain" has none that a server may refuse."""
    if form == "plain":
        return {}
    options: dict[str, Any] = {"max_completion_tokens": MAX_ANSWER_TOKENS}
    if form == "json_object":
        return options | {"response_format": {"type": "json_object"}}
    named = {"name": prompt.name, "strict": True, "schema": prompt.schema}
    return options | {"response_format": {"type": "json_schema", "json_schema": named}}


def _refused(status: int, retry_after: str | None) -> ModelUnavailable:
    reasons = {
        401: "The model's server does not accept the key: check OPENAI_API_KEY.",
        403: "The model's server does not allow this key to use the model.",
        404: "The model's server knows no such model or address: check the model and base URL.",
        429: "The model's server is limiting requests: try again in a minute.",
    }
    is_whole = retry_after is not None and re.fullmatch(r"[0-9]{1,6}", retry_after)
    message = reasons.get(status, f"The model's server failed (status {status}).")
    return ModelUnavailable(message, retry_after=float(retry_after or 0) if is_whole else None)


def _parsed(completion: _Completion, form: type[Form]) -> Form:
    """The first object in a completion that has the form of an answer, fence and talk aside."""
    choice = completion.choices[0] if completion.choices else None
    if choice is None or not choice.message.content:
        raise ModelAnswerInvalid("The model gave no answer.")
    if choice.finish_reason == "length":
        raise ModelAnswerInvalid("The model's answer was cut off.")
    for found in _objects(choice.message.content):
        try:
            return form.model_validate(found)
        except ValidationError:
            continue
    raise ModelAnswerInvalid("The model's answer was not in the form asked for.")


def _objects(text: str) -> Iterator[object]:
    """The JSON objects in `text`, outermost first, looking behind a few braces only."""
    decoder = json.JSONDecoder()
    for start in [hit.start() for hit in re.finditer("{", text)][:MAX_BRACES]:
        try:
            found, _ = decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            continue
        yield found


def _provenance(completion: _Completion, model: str) -> Provenance:
    usage = completion.usage or _Usage()
    return Provenance(
        model=visible(completion.model)[:MAX_MODEL_CHARACTERS] or model,
        prompt_version=DECISION_PROMPT_VERSION,
        input_tokens=usage.prompt_tokens,
        output_tokens=usage.completion_tokens,
    )


def _checked(
    answer: _Answer, prompt: DecisionPrompt, provenance: Provenance
) -> DecisionDraft | None:
    """The draft with only what the thread supports; None when no title and no choice is left."""
    choice = _verbatim(answer.choice, prompt.spoken, MAX_SPAN_CHARACTERS)
    title = _verbatim(answer.title, prompt.spoken, MAX_TITLE_CHARACTERS)
    if not answer.is_decision or not (title or choice):
        return None
    return DecisionDraft(
        title=title or choice[:MAX_TITLE_CHARACTERS],
        context="\n".join(_verbatim_all(answer.context, prompt.spoken, MAX_SPANS)),
        options=_verbatim_all(answer.options, prompt.spoken, MAX_OPTIONS),
        choice=choice,
        rationale="\n".join(_verbatim_all(answer.rationale, prompt.spoken, MAX_SPANS)),
        owner=prompt.owners.get(answer.owner or ""),
        confidence=answer.confidence if answer.confidence in CONFIDENCES else None,
        provenance=provenance,
    )


def _verbatim_all(spans: Sequence[str], spoken: Sequence[str], most: int) -> tuple[str, ...]:
    found = (_verbatim(span, spoken, MAX_SPAN_CHARACTERS) for span in spans)
    return tuple(dict.fromkeys(span for span in found if span))[:most]


def _verbatim(span: str, spoken: Sequence[str], longest: int) -> str:
    """`span` as it stands in one message, case and spaces aside; "" when it stands in none."""
    wanted = " ".join(span.split()).strip("\"'“”. ")
    if not wanted or len(wanted) > longest:
        return ""
    pattern = re.compile(rf"(?<!\w){re.escape(wanted)}(?!\w)", re.IGNORECASE)
    return next((hit[0] for text in spoken if (hit := pattern.search(text))), "")
