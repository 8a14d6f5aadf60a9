// A load of streaming and non-streaming calls whose clients keep their own account of every answer.
import { appendFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

const CALL_TIMEOUT_MS = 60_000;
const PAUSE_MS = 50;

/**
 * Calls the product from `workers` clients at once until it is stopped. Each call becomes one line of `file`:
 * what was asked, what came, and whether it came whole.
 */
export function startLoad({ credentials, workers, file }) {
  let stopped = false;
  const counts = { calls: 0, complete: 0 };
  const running = Array.from({ length: workers }, async (_unused, worker) => {
    for (let call = 0; !stopped; call += 1) {
      const record = await oneCall(credentials, { stream: (worker + call) % 2 === 0, maxTokens: 3 + ((worker * 7 + call) % 20) });
      counts.calls += 1;
      if (record.complete) counts.complete += 1;
      appendFileSync(file, `${JSON.stringify(record)}\n`);
      await delay(PAUSE_MS);
    }
  });
  return {
    /** For a line of progress. */
    told: () => `${counts.complete} of ${counts.calls} calls complete`,
    async stop() {
      stopped = true;
      await Promise.all(running);
    },
  };
}

/** One call and the client's own account of it. */
export async function oneCall(credentials, { stream, maxTokens }) {
  const record = {
    started_at: new Date().toISOString(),
    stream,
    request_id: null,
    region: null,
    status: null,
    bytes: 0,
    complete: false,
    usage: null,
    problem: null,
  };
  try {
    const response = await fetch(`${credentials.api_base_url}/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${credentials.api_key}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        model: credentials.models[0],
        max_tokens: maxTokens,
        stream,
        ...(stream ? { stream_options: { include_usage: true } } : {}),
        messages: [{ role: 'user', content: 'Say something of a certain length, please.' }],
      }),
      signal: AbortSignal.timeout(CALL_TIMEOUT_MS),
    });
    record.status = response.status;
    record.request_id = response.headers.get('x-ecolink-request-id');
    record.region = response.headers.get('x-ecolink-region');
    const text = await readText(response, record);
    if (response.ok) readAnswer(record, text);
    else record.problem = text.slice(0, 200);
  } catch (error) {
    record.problem = String(error.cause?.code ?? error.message);
  }
  record.ended_at = new Date().toISOString();
  return record;
}

async function readText(response, record) {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of response.body) {
    record.bytes += chunk.length;
    text += decoder.decode(chunk, { stream: true });
  }
  return text;
}

function readAnswer(record, text) {
  if (!record.stream) {
    const { usage } = JSON.parse(text);
    record.usage = [usage.prompt_tokens, usage.completion_tokens];
    record.complete = true;
    return;
  }
  const frames = text
    .split('\n\n')
    .filter((frame) => frame.startsWith('data: '))
    .map((frame) => frame.slice(6));
  record.complete = frames.at(-1) === '[DONE]';
  for (const frame of frames.slice(0, -1)) {
    const { usage, error } = JSON.parse(frame);
    if (usage) record.usage = [usage.prompt_tokens, usage.completion_tokens];
    if (error) record.problem = error.code;
  }
  if (!record.complete) record.problem ??= JSON.parse(frames.at(-1) ?? '{}').error?.code ?? 'cut';
}
