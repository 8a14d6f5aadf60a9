"""OpenAI's SDK for Python before a chat model and an embedding model with real weights: what they say is never judged."""

import json
import math
import os
import traceback

from openai import OpenAI

CHAT, EMBEDDING = os.environ["ECOLINK_CHAT"], os.environ["ECOLINK_EMBEDDING"]
CLIENT = OpenAI(api_key=os.environ["ECOLINK_KEY"], base_url=f"{os.environ['ECOLINK_URL']}/v1", max_retries=0)
MESSAGES = [{"role": "user", "content": "What is the capital of France?"}]
SENTENCES = ["A cat sleeps on the sofa.", "The kitten naps on the couch.", "Our quarterly revenue fell."]
TOKENS = 12


def chats_whole_and_streamed():
    call = {"model": CHAT, "messages": MESSAGES, "max_completion_tokens": TOKENS}
    whole = CLIENT.chat.completions.create(**call)
    with CLIENT.chat.completions.stream(**call, stream_options={"include_usage": True}) as stream:
        final = stream.get_final_completion()
    assert whole.choices[0].message.content
    assert final.choices[0].message.content == whole.choices[0].message.content
    assert final.usage.completion_tokens == whole.usage.completion_tokens


def completes():
    answer = CLIENT.completions.create(model=CHAT, prompt="Once upon a time", max_tokens=TOKENS)
    assert answer.choices[0].text and answer.usage.completion_tokens <= TOKENS


def embeds():
    answer = CLIENT.embeddings.create(model=EMBEDDING, input=SENTENCES)
    cat, kitten, revenue = (item.embedding for item in answer.data)
    assert len(cat) == 512 and answer.usage.prompt_tokens > 0
    assert similarity(cat, kitten) > similarity(cat, revenue) + 0.2


def similarity(left, right):
    product = sum(a * b for a, b in zip(left, right))
    return product / math.sqrt(sum(a * a for a in left)) / math.sqrt(sum(b * b for b in right))


for check in (chats_whole_and_streamed, completes, embeds):
    name = f"openai for Python: {check.__name__.replace('_', ' ')}"
    try:
        check()
        print(json.dumps({"check": name, "ok": True}), flush=True)
    except Exception:
        print(json.dumps({"check": name, "ok": False, "error": traceback.format_exc()[-2000:]}), flush=True)
