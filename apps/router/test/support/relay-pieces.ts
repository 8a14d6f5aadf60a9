import type { AnswerSink, UpstreamAnswer } from '../../src/upstream/upstream.js';
import type { Exchange } from '../../src/listen/exchange.js';
import type { CallSettlement } from '../../src/settlement/call-settlement.js';
import type { ServedBy } from '../../src/relay/answer-head.js';
import { FairTurns } from '@ecolink/proxy';
import { relayStream } from '../../src/relay/relay-stream.js';
import type { InferenceBody } from '../../src/apis/body/parse-inference-body.js';
import { openAiText } from '../../src/apis/openai-text/openai-text.js';

const HOUR_MS = 3_600_000;
const turns = new FairTurns({ unitsPerHolder: 1e9, unitsInAll: 1e9 });
const CHAT = openAiText('/v1/chat/completions');
const BODY = { promptTokens: 0 } as unknown as InferenceBody;

/**
 * What the relay makes of a stream that arrives in these pieces.
 * @param afterPiece is told what has gone out when a piece has been handed over, within the same tick.
 */
export async function relayPieces(pieces: Iterable<Buffer>, afterPiece?: (relayed: string) => void): Promise<string> {
  const written: Buffer[] = [];
  const response = {
    headersSent: false,
    writeHead: () => (response.headersSent = true),
    write: (bytes: Buffer) => written.push(bytes) > 0,
    once: () => undefined,
    end: (done: () => void) => done(),
  };
  const exchange = { response, headers: [], elapsedMs: () => 1, onClientGone: () => undefined, sendJson: () => undefined };
  let sink: AnswerSink | undefined;
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
    { record: () => undefined, coverOutput: () => undefined } as unknown as CallSettlement,
    {
      api: CHAT,
      body: BODY,
      clientWantsUsage: false,
      heartbeatIntervalMs: HOUR_MS,
      leftUsageTimeoutMs: 0,
      share: turns.enter('acc_1'),
    },
  );
  for (const piece of pieces) {
    sink?.onData(piece);
    afterPiece?.(Buffer.concat(written).toString('utf8'));
  }
  sink?.onEnd();
  await relayed;
  return Buffer.concat(written).toString('utf8');
}

/** Cuts bytes at the places given. */
export function* cutAt(bytes: Buffer, places: readonly number[]): Generator<Buffer> {
  let start = 0;
  for (const place of [...places, bytes.length]) {
    yield bytes.subarray(start, place);
    start = place;
  }
}
