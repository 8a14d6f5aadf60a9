import type { Category, Refusal } from '@ecolink/contracts';
import type { MediaUnits } from '../admission/call-bounds.js';
import type { FrameReader } from '../relay/metering/read-frame.js';
import { type DeliveredOutput, type MeteredUnits, NO_OUTPUT, type ReportedUsage } from '../relay/metering/usage-reading.js';
import type { BodyResult, InferenceBody } from './body/parse-inference-body.js';
import type { Rewrite } from './body/rewrite-body.js';

/** What was read of an answer, whole or as far as it came. */
export interface OutputReading {
  readonly usage: ReportedUsage | undefined;
  /** Output that no report includes. */
  readonly uncounted: DeliveredOutput;
  /** Of what a dialect counts beside text: images that were made, milliseconds of sound. */
  readonly amount?: number;
}

/** Of a call that a pod was sent and that gave no output. */
export const NOTHING_READ: OutputReading = { usage: undefined, uncounted: NO_OUTPUT };

/** How a dialect words errors, its own and those of pods. */
export interface ErrorShape {
  /** The body of an error answer. */
  readonly body: (refusal: Refusal) => string;
  /** A pod's error, taken from its stream, as the body of an error answer. */
  readonly ofPod: (data: string) => string;
  /** An error body as the last frame of a stream; `sequence` is the number of that frame where frames are numbered. */
  readonly frame: (body: string, sequence: number) => string;
}

/** `Authorization: Bearer`, or `x-api-key` instead of it as Anthropic's clients send it. */
export type Credential = 'bearer' | 'bearer_or_x_api_key';

/**
 * One HTTP dialect of inference: what its bodies, answers, streams and errors look like. The request path is the same for
 * all; a dialect is a folder beside this file and a line in `endpoints.ts`.
 */
export interface InferenceApi {
  readonly path: string;
  /** Models of any other category are refused. */
  readonly category: Category;
  /** Where a key may stand. */
  readonly credential: Credential;
  /** JSON, or a form with files. */
  readonly takes: 'json' | 'form';
  /** For JSON. Refusals: 400 `invalid_request`. */
  readonly readBody: (bytes: Buffer) => BodyResult;
  /** The body as the pod gets it, a long one later: only what routing and metering need is written anew. */
  readonly rewriteBody: (body: InferenceBody, rewrite: Rewrite) => Buffer | Promise<Buffer>;
  /** Nothing but the request is on the bill, whatever the body and the answer hold. */
  readonly isPricedByRequest?: true;
  /** A call begins a job that outlives it; its answer's `id` is written anew. */
  readonly isJob?: true;
  /** Streams can be asked for usage frames. */
  readonly reportsStreamUsage: boolean;
  /** What an answer is that is no stream: JSON or text, read whole, or bytes that go out as they come. */
  readonly answers: 'text' | 'bytes';
  /** Reads an answer that is no stream. */
  readonly readAnswer: (answer: Buffer) => OutputReading;
  /** Reads an answer of bytes by its head and its length. */
  readonly readBytes?: (head: Buffer, bytes: number, contentType: string) => OutputReading;
  readonly frames: FrameReader;
  /** The most of images, sound and video that a call can be billed for; absent where it has none. */
  readonly expected?: (body: InferenceBody) => MediaUnits;
  /** What a call is billed for. */
  readonly unitsOf: (body: InferenceBody, reading: OutputReading) => MeteredUnits;
  readonly errors: ErrorShape;
}
