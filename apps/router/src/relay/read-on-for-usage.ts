import type { AnswerSink, UpstreamAnswer } from '../upstream/upstream.js';
import type { SseFrameSplitter } from './metering/sse-frames.js';
import type { StreamMeter } from './metering/stream-meter.js';

/** A usage frame and the end of a stream take far less; a pod that goes on generating is not followed. */
const BYTES_MAX = 65_536;

/** What had arrived of a stream when its client left, and was not relayed. */
export interface Unrelayed {
  readonly pieces: readonly Buffer[];
  readonly hasEnded: boolean;
}

/**
 * Reads a stream on whose client has left after the answer's last frame, for the usage that its pod reports behind it.
 * Resolves when the usage is there, the stream has ended, or `timeoutMs` are over; the stream is aborted then.
 */
export function readOnForUsage(
  answer: UpstreamAnswer,
  splitter: SseFrameSplitter,
  meter: StreamMeter,
  unrelayed: Unrelayed,
  timeoutMs: number,
): Promise<void> {
  return new Promise((resolve) => {
    let bytes = 0;
    const finish = (): void => {
      clearTimeout(timer);
      answer.abort();
      resolve();
    };
    const timer = setTimeout(finish, timeoutMs);
    const sink: AnswerSink = {
      onData: (chunk) => {
        bytes += chunk.length;
        splitter.feed(chunk);
        if (readFrames(splitter, meter) || bytes > BYTES_MAX) finish();
      },
      onEnd: () => {
        const rest = splitter.end();
        if (rest.length > 0) meter.read(rest);
        finish();
      },
      onError: finish,
    };
    if (readFrames(splitter, meter)) return finish();
    for (const piece of unrelayed.pieces) sink.onData(piece);
    if (unrelayed.hasEnded) sink.onEnd();
    else answer.consume(sink);
  });
}

/** @returns whether the usage is there, or will not come. */
function readFrames(splitter: SseFrameSplitter, meter: StreamMeter): boolean {
  for (let frame = splitter.next(); frame !== undefined; frame = splitter.next()) {
    const { kind } = meter.read(frame);
    if (meter.isCounted || kind === 'done' || kind === 'error') return true;
  }
  return false;
}
