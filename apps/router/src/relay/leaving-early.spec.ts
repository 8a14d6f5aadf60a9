import fc from 'fast-check';
import { FairTurns } from '@ecolink/proxy';
import type { Exchange } from '../listen/exchange.js';
import type { CallEnd, CallSettlement } from '../settlement/call-settlement.js';
import type { AnswerSink, UpstreamAnswer } from '../upstream/upstream.js';
import type { InferenceBody } from '../apis/body/parse-inference-body.js';
import { openAiText } from '../apis/openai-text/openai-text.js';
import type { ServedBy } from './answer-head.js';
import { relayStream } from './relay-stream.js';

const HOUR_MS = 3_600_000;
const PROMPT_TOKENS = 50;
const turns = new FairTurns({ unitsPerHolder: 1e9, unitsInAll: 1e9 });
const CHAT = openAiText('/v1/chat/completions');
const BODY = { promptTokens: PROMPT_TOKENS } as unknown as InferenceBody;

type Report = 'continuously' | 'at_the_end' | 'never';

/** A stream whose pod counts four bytes a token, frame by frame. */
interface GeneratedCall {
  /** Tokens of each frame. */
  readonly frames: readonly number[];
  readonly report: Report;
  /** The usage frame comes too late for a client that has left. */
  readonly isLate: boolean;
}

const generatedCall = fc.record({
  frames: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 12 }),
  report: fc.constantFrom<Report[]>('continuously', 'at_the_end', 'never'),
  isLate: fc.boolean(),
});

const usage = (tokens: number) => ({ prompt_tokens: PROMPT_TOKENS, completion_tokens: tokens });
const frame = (value: unknown): Buffer => Buffer.from(`data: ${JSON.stringify(value)}\n\n`);

function framesOf({ frames, report }: GeneratedCall): Buffer[] {
  let tokens = 0;
  const withUsage = (): object => (report === 'continuously' ? { usage: usage(tokens) } : {});
  const content = frames.map((count) => {
    tokens += count;
    return frame({ choices: [{ index: 0, delta: { content: 'abcd'.repeat(count) } }], ...withUsage() });
  });
  const finish = frame({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }], ...withUsage() });
  return [...content, finish];
}

function behind({ frames, report }: GeneratedCall): Buffer[] {
  const tokens = frames.reduce((sum, count) => sum + count, 0);
  const done = Buffer.from('data: [DONE]\n\n');
  return report === 'never' ? [done] : [frame({ choices: [], usage: usage(tokens) }), done];
}

/** What is billed when the client leaves after so many frames; all of them and more: it stays. */
async function billedAfter(call: GeneratedCall, framesTaken: number): Promise<number> {
  let end: CallEnd | undefined;
  let leave = (): void => undefined;
  let sink: AnswerSink | undefined;
  const response = { headersSent: true, write: () => true, once: () => undefined, end: (done: () => void) => done() };
  const exchange = { response, headers: [], elapsedMs: () => 1, onClientGone: (listener: () => void) => (leave = listener) };
  const answer = {
    status: 200,
    plainHeaders: [],
    consume: (given: AnswerSink) => (sink = given),
    pause: () => undefined,
    resume: () => undefined,
    abort: () => (sink = undefined),
  };
  const relayed = relayStream(
    exchange as unknown as Exchange,
    answer as unknown as UpstreamAnswer,
    { region: 'mv', overheadMs: 0, target: { platformModelId: 'm' } } as unknown as ServedBy,
    { record: (recorded: CallEnd) => (end ??= recorded), coverOutput: () => undefined } as unknown as CallSettlement,
    {
      api: CHAT,
      body: BODY,
      clientWantsUsage: true,
      heartbeatIntervalMs: HOUR_MS,
      leftUsageTimeoutMs: 0,
      share: turns.enter('acc_1'),
    },
  );
  const frames = framesOf(call);
  for (const one of frames.slice(0, framesTaken)) sink?.onData(one);
  if (framesTaken > frames.length) for (const one of behind(call)) sink?.onData(one);
  else leave();
  if (!call.isLate) for (const one of behind(call)) sink?.onData(one);
  sink?.onEnd();
  await relayed;
  if (end === undefined || !end.billable) throw new Error('not billed');
  return (end.units.input_tokens ?? 0) + 3 * (end.units.output_tokens ?? 0);
}

describe('a client that leaves a stream early', () => {
  it('never pays more than one that stays longer, and nearly all of it for the whole answer', async () => {
    await fc.assert(
      fc.asyncProperty(generatedCall, async (call) => {
        const whole = call.frames.length + 1;
        const stays = await billedAfter(call, whole + 1);
        const leaves: number[] = [];
        for (let taken = 0; taken <= whole; taken += 1) leaves.push(await billedAfter(call, taken));
        expect([...leaves, stays]).toEqual([...leaves, stays].sort((a, b) => a - b));
        expect(leaves[whole]).toBeGreaterThanOrEqual(0.9 * stays);
      }),
      { numRuns: 60 },
    );
  });

  it('pays exactly what its pod counted where that is reported with every frame, or in time', async () => {
    await fc.assert(
      fc.asyncProperty(generatedCall, async (call) => {
        const counted = call.report === 'continuously' || (call.report === 'at_the_end' && !call.isLate);
        fc.pre(counted);
        const whole = call.frames.length + 1;
        expect(await billedAfter(call, whole)).toBe(await billedAfter(call, whole + 1));
      }),
      { numRuns: 30 },
    );
  });

  it('pays a token for each frame of a pod that writes less than four bytes a token', async () => {
    const digits = { frames: [1, 1, 1], report: 'never', isLate: true } as const;
    expect(await billedAfter(digits, 2)).toBe(PROMPT_TOKENS + 3 * 2);
  });
});
