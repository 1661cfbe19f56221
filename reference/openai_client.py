"""Holds a running server against the `openai` package, as programs use it: models, chat, streams, completions, errors.

    python3 -m venv ~/.venvs/openai && ~/.venvs/openai/bin/pip install openai
    rushlight serve RUN
    ~/.venvs/openai/bin/python reference/openai_client.py [http://127.0.0.1:8080/v1] [KEY]

Takes the first model that writes. Says what it found, and fails at the first thing that is not as it should be.
"""

import sys

import openai


def refused(kind, ask):
    """The error that `ask` meets, which must be of this kind."""
    try:
        ask()
    except kind as error:
        return error
    raise AssertionError(f"no {kind.__name__}")


def main():
    base = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8080/v1"
    key = sys.argv[2] if len(sys.argv) > 2 else "none"
    client = openai.OpenAI(base_url=base, api_key=key, max_retries=0)

    models = list(client.models.list())
    writers = [m.id for m in models if m.model_extra["rushlight"]["task"] == "writing"]
    model = writers[0]
    assert client.models.retrieve(model).id == model
    print(f"openai {openai.__version__}: {len(models)} models, asks {model}")

    turns = [{"role": "system", "content": "Be kind"}, {"role": "user", "content": "who goes there"}]
    chat = client.chat.completions.create(model=model, messages=turns, max_tokens=40, seed=7, temperature=0.8, n=2)
    assert [c.index for c in chat.choices] == [0, 1] and chat.choices[0].message.role == "assistant"
    assert chat.usage.total_tokens == chat.usage.prompt_tokens + chat.usage.completion_tokens
    print("chat:", repr(chat.choices[0].message.content), chat.choices[0].finish_reason)

    again = client.chat.completions.create(model=model, messages=turns, max_tokens=40, seed=7, temperature=0.8)
    assert again.choices[0].message.content == chat.choices[0].message.content

    pieces, usage = [], None
    for chunk in client.chat.completions.create(
        model=model, messages=turns, max_completion_tokens=40, seed=7, temperature=0.8, stream=True,
        stream_options={"include_usage": True},
    ):
        usage = chunk.usage or usage
        pieces += [c.delta.content or "" for c in chunk.choices]
    assert "".join(pieces) == again.choices[0].message.content and usage == again.usage
    print(f"stream: {len(pieces)} pieces, the same text")

    told = client.chat.completions.create(model=model, messages=turns, max_tokens=3, logprobs=True, top_logprobs=2)
    assert all(len(t.top_logprobs) == 2 for t in told.choices[0].logprobs.content)

    text = client.completions.create(model=model, prompt="the king", max_tokens=30, seed=1, stop=["."])
    print("completion:", repr(text.choices[0].text), text.choices[0].finish_reason)
    streamed = client.completions.create(model=model, prompt="the king", max_tokens=30, seed=1, stop=["."], stream=True)
    assert "".join(c.choices[0].text for c in streamed if c.choices) == text.choices[0].text

    create = client.chat.completions.create
    missing = refused(openai.NotFoundError, lambda: create(model="gpt-5", messages=turns))
    assert missing.code == "model_not_found" and missing.param == "model", missing
    bad = refused(openai.BadRequestError, lambda: create(model=model, messages=turns, temperature=9))
    assert bad.param == "temperature", bad
    tools = [{"type": "function", "function": {"name": "f", "parameters": {}}}]
    refused(openai.BadRequestError, lambda: create(model=model, messages=turns, tools=tools))
    if key != "none":
        stranger = openai.OpenAI(base_url=base, api_key="rl-stranger", max_retries=0)
        refused(openai.AuthenticationError, stranger.models.list)
    print("errors: as the package has them")


if __name__ == "__main__":
    main()
