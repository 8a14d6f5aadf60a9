/** A stream as an engine writes it, frame by frame, and what a client that did not ask for usage gets of each frame. */
export interface EngineStream {
  readonly engine: string;
  readonly frames: readonly (readonly [sent: string, relayed: string])[];
}

const kept = (text: string): readonly [string, string] => [text, text];
const dropped = (text: string): readonly [string, string] => [text, ''];

const DONE = kept('data: [DONE]\n\n');
const BASE = '"id":"chatcmpl-7","object":"chat.completion.chunk","created":1760000000,"model":"m"';

export const ENGINE_STREAMS: readonly EngineStream[] = [
  {
    engine: 'OpenAI',
    frames: [
      kept(
        `data: {${BASE},"choices":[{"index":0,"delta":{"role":"assistant","content":"","refusal":null},"logprobs":null,"finish_reason":null}],"usage":null}\n\n`,
      ),
      kept(
        `data: {${BASE},"choices":[{"index":0,"delta":{"content":"Grüße 👋🏽"},"logprobs":null,"finish_reason":null}],"usage":null}\n\n`,
      ),
      kept(
        `data: {${BASE},"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"c","function":{"name":"f","arguments":"{\\"a\\":\\n"}}]}}]}\n\n`,
      ),
      kept(`data: {${BASE},"choices":[{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}],"usage":null}\n\n`),
      dropped(`data: {${BASE},"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":12,"total_tokens":21}}\n\n`),
      DONE,
    ],
  },
  {
    engine: 'vLLM, usage in every frame',
    frames: [
      kept(
        `data: {${BASE},"choices":[{"index":0,"delta":{"role":"assistant","content":""}}],"usage":{"prompt_tokens":9,"total_tokens":9,"completion_tokens":0}}\n\n`,
      ),
      kept(
        `data: {${BASE},"choices":[{"index":0,"delta":{"reasoning_content":"hm"}}],"usage":{"prompt_tokens":9,"total_tokens":10,"completion_tokens":1}}\n\n`,
      ),
      kept(
        `data: {${BASE},"choices":[{"index":0,"delta":{"content":"data: [DONE]\\n\\n"},"finish_reason":"stop","stop_reason":null}],"usage":{"prompt_tokens":9,"total_tokens":11,"completion_tokens":2}}\n\n`,
      ),
      dropped(`data: {${BASE},"choices":[],"usage":{"prompt_tokens":9,"total_tokens":11,"completion_tokens":2}}\n\n`),
      DONE,
    ],
  },
  {
    engine: 'SGLang, an error in its middle',
    frames: [
      kept(
        `data: {${BASE},"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":null,"matched_stop":null}],"usage":null}\n\n`,
      ),
      kept(
        'data: {"error": {"object": "error", "message": "The request was aborted", "type": "abort", "param": null, "code": 500}}\n\n',
      ),
      dropped('data: [DONE]\n\n'),
    ],
  },
  {
    engine: 'TGI, no blank after the colon',
    frames: [
      kept(
        `data:{"object":"chat.completion.chunk","id":"","created":1,"model":"m","system_fingerprint":"3.0","choices":[{"index":0,"delta":{"role":"assistant","content":" ok"},"logprobs":null,"finish_reason":null}],"usage":null}\n\n`,
      ),
      kept(
        `data:{"object":"chat.completion.chunk","id":"","created":1,"model":"m","choices":[{"index":0,"delta":{"content":""},"finish_reason":"length"}]}\n\n`,
      ),
      dropped(
        'data:{"object":"chat.completion.chunk","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":1,"total_tokens":4}}\n\n',
      ),
      kept('data:[DONE]\n\n'),
    ],
  },
  {
    engine: 'llama.cpp',
    frames: [
      kept(`data: {"choices":[{"finish_reason":null,"index":0,"delta":{"content":"x"}}],${BASE},"system_fingerprint":"b1"}\n\n`),
      kept(`data: {"choices":[{"finish_reason":"stop","index":0,"delta":{}}],${BASE}}\n\n`),
      dropped(
        `data: {"choices":[],${BASE},"usage":{"completion_tokens":1,"prompt_tokens":2,"total_tokens":3},"timings":{"prompt_n":2,"predicted_per_second":33.5}}\n\n`,
      ),
      DONE,
    ],
  },
  {
    engine: 'Ollama',
    frames: [
      kept(
        `data: {${BASE},"system_fingerprint":"fp_ollama","choices":[{"index":0,"delta":{"role":"assistant","content":"é"},"finish_reason":null}]}\n\n`,
      ),
      kept(
        `data: {${BASE},"system_fingerprint":"fp_ollama","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":"stop"}]}\n\n`,
      ),
      dropped(
        `data: {${BASE},"system_fingerprint":"fp_ollama","choices":[],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}\n\n`,
      ),
      DONE,
    ],
  },
  {
    engine: 'a proxy that writes CRLF, comments, ids and several data lines',
    frames: [
      kept(': PROCESSING\r\n\r\n'),
      kept('\r\n'),
      kept(
        `event: message\r\nid: 7\r\nretry: 10\r\ndata: {${BASE},\r\ndata: "choices":[{"index":0,"delta":{"content":"a"}}]}\r\n\r\n`,
      ),
      kept(':\r\n\r\n'),
      dropped(`data: {${BASE},\r\ndata:"choices": [ ] }\r\n\r\n`),
      kept('data: not json at all\r\n\r\n'),
      kept('data\r\n\r\n'),
      kept(`data: {${BASE},"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\r\n`),
      kept('data:  [DONE] \r\n\r\n'),
    ],
  },
];

export const sentText = ({ frames }: EngineStream): string => frames.map(([sent]) => sent).join('');
export const relayedText = ({ frames }: EngineStream): string => frames.map(([, relayed]) => relayed).join('');
