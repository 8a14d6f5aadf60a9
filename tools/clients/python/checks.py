"""OpenAI's SDK for Python against the product: every endpoint, its helpers, and its errors. One line of JSON for each check."""

import io
import json
import os
import sys
import time
import traceback

import httpx2 as httpx
import openai
from openai import OpenAI
from pydantic import BaseModel

URL = os.environ["ECOLINK_URL"]
KEY = os.environ["ECOLINK_KEY"]
CHAT, EMBEDDING, IMAGE, AUDIO = "my-llama:142", "my-embedder:143", "my-painter:145", "my-voice:146"
FREE, PODLESS, UNKNOWN = "free/model", "my-llama:150", "other:142"
MESSAGES = [{"role": "user", "content": "What is the weather in Paris?"}]
PARAMETERS = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}


class Weather(BaseModel):
    city: str
    degrees: float


def client(key=KEY, retries=0, on_answer=None):
    hooks = {"response": [on_answer]} if on_answer else {}
    return OpenAI(api_key=key, base_url=f"{URL}/v1", max_retries=retries, http_client=httpx.Client(event_hooks=hooks))


def tell(line):
    print(json.dumps(line), flush=True)


def ask(what):
    tell({"ask": what})
    sys.stdin.readline()


def refusal_of(call):
    try:
        call()
    except openai.APIError as error:
        return error
    raise AssertionError("the call was not refused")


def chats_whole_and_streamed():
    whole = client().chat.completions.create(model=CHAT, messages=MESSAGES)
    text = ""
    for chunk in client().chat.completions.create(model=CHAT, messages=MESSAGES, stream=True):
        text += chunk.choices[0].delta.content or ""
    assert text == whole.choices[0].message.content
    with client().chat.completions.stream(model=CHAT, messages=MESSAGES, stream_options={"include_usage": True}) as stream:
        final = stream.get_final_completion()
    assert final.usage.completion_tokens == whole.usage.completion_tokens


def calls_tools():
    tools = [{"type": "function", "function": {"name": name, "parameters": PARAMETERS}} for name in ("get_weather", "get_time")]
    question = [{"role": "user", "content": "What are the weather and the time in Paris?"}]
    with client().chat.completions.stream(model=CHAT, messages=question, tools=tools) as stream:
        message = stream.get_final_completion().choices[0].message
    assert [call.function.name for call in message.tool_calls] == ["get_weather", "get_time"]
    results = [{"role": "tool", "tool_call_id": call.id, "content": "sunny"} for call in message.tool_calls]
    turns = [*question, message.to_dict(), *results]
    assert "simulated" in client().chat.completions.create(model=CHAT, messages=turns, tools=tools).choices[0].message.content


def parses_structured_output():
    answer = client().chat.completions.parse(model=CHAT, messages=MESSAGES, response_format=Weather)
    assert isinstance(answer.choices[0].message.parsed, Weather)
    response = client().responses.parse(model=CHAT, input="Paris", text_format=Weather)
    assert isinstance(response.output_parsed, Weather)


def makes_responses():
    whole = client().responses.create(model=CHAT, input="Hello")
    with client().responses.stream(model=CHAT, input="Hello") as stream:
        final = stream.get_final_response()
    assert final.output_text == whole.output_text
    assert isinstance(refusal_of(lambda: client().responses.retrieve(whole.id)), openai.NotFoundError)


def completes():
    assert "simulated" in client().completions.create(model=CHAT, prompt="Hello").choices[0].text


def embeds():
    data = client().embeddings.create(model=EMBEDDING, input=["a", "b"]).data
    assert [len(item.embedding) for item in data] == [384, 384]


def lists_models():
    assert AUDIO in [model.id for model in client().models.list()]
    assert client().models.retrieve(CHAT).id == CHAT


def paints_and_edits():
    made = client().images.generate(model=IMAGE, prompt="a cat", size="256x256")
    import base64

    png = base64.b64decode(made.data[0].b64_json)
    edited = client().images.edit(model=IMAGE, prompt="a hat", image=("cat.png", png, "image/png"))
    assert base64.b64decode(edited.data[0].b64_json)[1:4] == b"PNG"


def speaks_and_writes_down():
    audio = client().audio
    with audio.speech.with_streaming_response.create(model=AUDIO, voice="alloy", input="Hello", response_format="wav") as spoken:
        wav = b"".join(spoken.iter_bytes())
    assert wav[:4] == b"RIFF"
    written = audio.transcriptions.create(model=AUDIO, file=("hello.wav", io.BytesIO(wav)))
    assert "simulated transcription" in written.text
    assert "simulated" in audio.translations.create(model=AUDIO, file=("hello.wav", wav)).text
    *_, last = audio.transcriptions.create(model=AUDIO, file=("hello.wav", wav), stream=True)
    assert last.type == "transcript.text.done" and last.text == written.text


def throws_its_own_types():
    def chat(model=CHAT, key=KEY):
        return refusal_of(lambda: client(key).chat.completions.create(model=model, messages=MESSAGES))

    for error, kind, status in [
        (chat(key="eco_wrong"), openai.AuthenticationError, 401),
        (chat(model=FREE, key=os.environ["ECOLINK_POOR_KEY"]), openai.APIStatusError, 402),
        (chat(model=UNKNOWN), openai.NotFoundError, 404),
        (chat(model=EMBEDDING), openai.BadRequestError, 400),
        (chat(model=PODLESS), openai.InternalServerError, 503),
    ]:
        assert isinstance(error, kind) and error.status_code == status, (error, status)
        assert error.request_id.startswith("req_") and error.code and error.message


def waits_out_its_limit():
    key = os.environ["ECOLINK_SLOW_KEY"]
    answers = []

    def note(response):
        answers.append((response.status_code, time.monotonic(), float(response.headers.get("retry-after", 0))))

    def chat(retries):
        return client(key, retries, note).chat.completions.create(model=FREE, messages=MESSAGES)

    chat(0)
    left = 60.0
    while left > 58:
        error = refusal_of(lambda: chat(0))
        assert isinstance(error, openai.RateLimitError)
        left = float(error.response.headers["retry-after"])
        if left > 58:
            time.sleep(0.5)
    answers.clear()
    chat(1)
    (refused, refused_at, seconds), (answered, answered_at, _) = answers
    assert (refused, answered) == (429, 200) and answered_at - refused_at >= seconds - 0.005


def tries_again_while_no_pod_is_there():
    statuses = []

    def heal(response):
        statuses.append(response.status_code)
        if response.status_code == 503:
            ask("heal")

    try:
        client(KEY, 3, heal).chat.completions.create(model=PODLESS, messages=MESSAGES)
    finally:
        ask("break")
    assert statuses[0] == 503 and statuses[-1] == 200, statuses


for check in [
    chats_whole_and_streamed,
    calls_tools,
    parses_structured_output,
    makes_responses,
    completes,
    embeds,
    lists_models,
    paints_and_edits,
    speaks_and_writes_down,
    throws_its_own_types,
    waits_out_its_limit,
    tries_again_while_no_pod_is_there,
]:
    name = check.__name__.replace("_", " ")
    try:
        check()
        tell({"check": name, "ok": True})
    except Exception:
        tell({"check": name, "ok": False, "error": traceback.format_exc()[-2000:]})
