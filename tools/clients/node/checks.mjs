// What the scripts of checks share: how a check is told, what it may ask for, and the models that stand behind the product.
import assert from 'node:assert/strict';
import { createInterface } from 'node:readline';

const { ECOLINK_URL, ECOLINK_KEY, ECOLINK_POOR_KEY, ECOLINK_SLOW_KEY } = process.env;

export const product = {
  url: ECOLINK_URL,
  api: `${ECOLINK_URL}/v1`,
  key: ECOLINK_KEY,
  poorKey: ECOLINK_POOR_KEY,
  slowKey: ECOLINK_SLOW_KEY,
};

export const MODEL = {
  chat: 'my-llama:142',
  embedding: 'my-embedder:143',
  reranker: 'my-reranker:144',
  image: 'my-painter:145',
  audio: 'my-voice:146',
  free: 'free/model',
  /** Its pod comes back when it is asked to. */
  podless: 'my-llama:150',
  unknown: 'other:142',
};

const tell = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
const answers = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

/** Asks whoever runs the product for something, and waits until it is done. */
export async function ask(what) {
  tell({ ask: what });
  await answers.next();
}

/** Runs named checks one after the other; each tells how it went. */
export async function runChecks(checks) {
  for (const [check, run] of Object.entries(checks)) {
    try {
      await run();
      tell({ check, ok: true });
    } catch (error) {
      tell({ check, ok: false, error: error instanceof Error ? String(error.stack).slice(0, 2_000) : String(error) });
    }
  }
  process.exit(0);
}

/** What a call was refused with. */
export async function refusalOf(call) {
  try {
    await call();
  } catch (error) {
    return error;
  }
  throw new assert.AssertionError({ message: 'the call was not refused' });
}

/** A `fetch` that notes each answer's status, when it came and what it said of trying again. */
export function notingFetch(answers, onAnswer = async () => undefined) {
  return async (input, init) => {
    const sentAtMs = performance.now();
    const response = await fetch(input, init);
    const seconds = Number(response.headers.get('retry-after') ?? 0);
    answers.push({ status: response.status, sentAtMs, answeredAtMs: performance.now(), retryAfterMs: seconds * 1_000 });
    await onAnswer(response);
    return response;
  };
}

/** Calls until the limit's window is far enough gone that a client obeys what is left of it, then once more with a client that waits. */
export async function waitsOutItsLimit(call) {
  await call(fetch, 0);
  for (let left = 60; left > 58;) {
    const error = await refusalOf(() => call(fetch, 0));
    assert.equal(error.status, 429);
    left = Number(error.headers.get('retry-after'));
    if (left > 58) await new Promise((resolve) => setTimeout(resolve, 500));
  }
  const answers = [];
  await call(notingFetch(answers), 1);
  const [refused, answered] = answers;
  assert.deepEqual([refused.status, answered.status], [429, 200]);
  // A timer may fire a fraction of a millisecond early.
  assert.ok(answered.sentAtMs - refused.answeredAtMs >= refused.retryAfterMs - 5, 'it waited as long as it was told to');
}

/** A call to an instance without a pod succeeds by itself once there is one. */
export async function retriesUnavailable(call) {
  const answers = [];
  const heal = async (response) => {
    if (response.status === 503) await ask('heal');
  };
  try {
    await call(notingFetch(answers, heal), 3);
  } finally {
    await ask('break');
  }
  assert.equal(answers[0].status, 503);
  assert.equal(answers.at(-1).status, 200);
}
