import { findFault } from '../faults/fault.js';
import type { Exchange } from '../server/exchange.js';
import type { GenerationPlan, PlannedChoice } from '../text/plan-generation.js';
import { startPace } from '../timing/pace.js';
import { waitForAbort } from '../timing/wait.js';
import { breakConnection } from './break-connection.js';
import type { FrameStream, StreamFormat } from './frame-stream.js';
import { openFrameStream } from './frame-stream.js';
import { openAiError } from './request-refused.js';

/** How one endpoint words its frames. */
export interface FrameShapes {
  readonly format: StreamFormat;
  opening(): readonly object[];
  /** The frames of piece `step` of a choice. */
  token(choice: PlannedChoice, piece: string, step: number): readonly object[];
  closing(): readonly object[];
  /** A frame whose `choices` are empty, for the fault of that name. */
  emptyChoices?(): object;
}

type Interruption = 'goes-on' | 'ended';

/** Streams a plan, one frame per token, each when it is due; ends early for a client that left or a fault that says so. */
export async function streamGeneration(exchange: Exchange, plan: GenerationPlan, shapes: FrameShapes): Promise<void> {
  const stream = openFrameStream(exchange, shapes.format);
  const sendAll = async (frames: readonly object[]): Promise<Interruption> => {
    for (const frame of frames) {
      if ((await interruptBeforeFrame(exchange, stream)) === 'ended') return 'ended';
      await stream.data(frame);
    }
    return 'goes-on';
  };
  // An error that comes first comes at once: the engine refused before it generated.
  if ((await interruptBeforeFrame(exchange, stream)) === 'ended') return;
  if ((await sendTokens(exchange, plan, shapes, stream, sendAll)) === 'ended') return;
  if ((await interruptAfterTokens(exchange, Number.POSITIVE_INFINITY)) === 'ended') return;
  if ((await sendAll(shapes.closing())) === 'ended') return;
  if ((await interruptBeforeFrame(exchange, stream, true)) === 'ended') return;
  await stream.done();
}

async function sendTokens(
  exchange: Exchange,
  plan: GenerationPlan,
  shapes: FrameShapes,
  stream: FrameStream,
  sendAll: (frames: readonly object[]) => Promise<Interruption>,
): Promise<Interruption> {
  const { record, signal, settings, ttftMs } = exchange;
  const tokenDue = startPace({ ttftMs: ttftMs + (plan.promptMs ?? 0), tokensPerSecond: settings.tokensPerSecond, signal });
  const longest = Math.max(1, ...plan.choices.map((choice) => choice.pieces.length));
  for (let step = 0; step < longest; step += 1) {
    if (step === 0 && (await interruptAfterTokens(exchange, 0)) === 'ended') return 'ended';
    await tokenDue(step);
    if (step === 0 && (await sendAll(shapes.opening())) === 'ended') return 'ended';
    for (const choice of plan.choices) {
      const piece = choice.pieces[step];
      if (piece === undefined) continue;
      if ((await interruptAfterTokens(exchange, record.tokensProduced)) === 'ended') return 'ended';
      if ((await interruptBeforeFrame(exchange, stream)) === 'ended') return 'ended';
      await sendExtras(exchange, shapes, stream);
      record.firstTokenAtMs ??= Date.now();
      const padding = record.tokensProduced === 0 ? findFault(exchange.faults, 'oversize-frame')?.bytes : undefined;
      record.tokensProduced += 1;
      for (const [index, frame] of shapes.token(choice, piece, step).entries())
        await stream.data(frame, index === 0 ? padding : undefined);
    }
  }
  return 'goes-on';
}

async function interruptAfterTokens(exchange: Exchange, tokensSent: number): Promise<Interruption> {
  const { faults, signal } = exchange;
  if (signal.aborted) return 'ended';
  const cut = findFault(faults, 'cut-after-tokens');
  if (cut !== undefined && tokensSent >= cut.tokens) {
    await breakConnection(exchange, cut);
    return 'ended';
  }
  const hang = findFault(faults, 'hang-after-tokens');
  if (hang === undefined || tokensSent < hang.tokens) return 'goes-on';
  await waitForAbort(signal);
  return 'ended';
}

async function interruptBeforeFrame(exchange: Exchange, stream: FrameStream, isLast = false): Promise<Interruption> {
  if (exchange.signal.aborted) return 'ended';
  const error = findFault(exchange.faults, 'error-after-frames');
  if (error === undefined || (stream.framesSent < error.frames && !isLast)) return 'goes-on';
  await stream.data(openAiError(500, 'internal_error', 'The simulated engine failed on purpose.'));
  if (error.done) await stream.done();
  else stream.end();
  return 'ended';
}

async function sendExtras({ faults, record }: Exchange, shapes: FrameShapes, stream: FrameStream): Promise<void> {
  const comments = findFault(faults, 'comments');
  if (comments !== undefined && record.tokensProduced % comments.every === 0) await stream.comment('simulated comment');
  const empty = findFault(faults, 'empty-choices');
  if (empty !== undefined && shapes.emptyChoices !== undefined && record.tokensProduced % empty.every === 0) {
    await stream.data(shapes.emptyChoices());
  }
}
