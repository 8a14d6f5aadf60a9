import type { ModelSimulator, SimulatorOptions } from '../src/index.js';
import { startModelSimulator } from '../src/index.js';

const running: ModelSimulator[] = [];

/** A fast simulator of `my-llama` that `closeSimulators` ends. */
export async function simulator(overrides: Partial<SimulatorOptions> = {}): Promise<ModelSimulator> {
  const started = await startModelSimulator({ model: 'my-llama', ttftMs: 1, tokensPerSecond: 0, ...overrides });
  running.push(started);
  return started;
}

export async function closeSimulators(): Promise<void> {
  await Promise.all(running.splice(0).map((started) => started.close()));
}

export async function post(url: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return await fetch(url, { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body), headers });
}

export function chat(content: string, more: object = {}): object {
  return { model: 'my-llama', messages: [{ role: 'user', content }], ...more };
}

interface Choice {
  readonly index: number;
  readonly text?: string;
  readonly delta?: { readonly role?: string; readonly content?: string };
  readonly finish_reason: string | null;
}

export interface Answer {
  readonly choices?: readonly Choice[];
  readonly usage?: { readonly prompt_tokens: number; readonly completion_tokens: number; readonly total_tokens: number } | null;
  readonly error?: { readonly message: string; readonly code: string };
  readonly padding?: string;
}

export async function answerOf(response: Response): Promise<Answer> {
  return (await response.json()) as Answer;
}

/** The text that a stream's frames add up to. */
export function textOf(frames: readonly (Answer | '[DONE]')[]): string {
  return frames.map((frame) => (frame === '[DONE]' ? '' : (frame.choices?.[0]?.delta?.content ?? ''))).join('');
}

/** The frames of an SSE body without its `[DONE]`. */
export function chunksOf(text: string): Answer[] {
  return framesOf(text).filter((frame) => frame !== '[DONE]');
}

/** The payloads of an SSE body, parsed but for `[DONE]`. */
export function framesOf(text: string): (Answer | '[DONE]')[] {
  return text
    .split(/\r?\n\r?\n/)
    .filter((frame) => frame.startsWith('data: '))
    .map((frame): Answer | '[DONE]' => (frame === 'data: [DONE]' ? '[DONE]' : (JSON.parse(frame.slice(6)) as Answer)));
}

/** Polls until the condition holds; fails after 30 s. */
export async function eventually(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('the condition did not come true within 30 s');
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
