import { FrameTemplate } from './frame-template.js';
import { CONTENT, type FrameKind, type FrameReader, type FrameReading, TEXT_FRAMES } from './read-frame.js';
import type { DeliveredOutput, ReportedUsage } from './usage-reading.js';

/** A stream whose frames differ in more than their text is read frame by frame: looking for its pattern costs, too. */
const TEMPLATES_MAX = 4;
/** Choices whose own counts are added up; engines refuse requests for more. */
const COUNTED_CHOICES_MAX = 1_024;

/** Reads the frames of one stream as they pass: usage, delivered text, how it ends. */
export class StreamMeter {
  private reported: ReportedUsage | undefined;
  private bytes = 0;
  private frames = 0;
  /** What had been delivered by the last report of output tokens. */
  private reportedBytes = 0;
  private reportedFrames = 0;
  /** Output tokens by choice, of engines that report a usage in every frame: each tells those of its own choice. */
  private readonly tokensByChoice = new Map<number, number>();
  private finished = false;
  private template: FrameTemplate | undefined;
  private templates = 0;
  private counted = 0;
  private lastSequence = -1;

  constructor(private readonly reader: FrameReader = TEXT_FRAMES) {}

  get usage(): ReportedUsage | undefined {
    return this.reported;
  }

  /** UTF-8 bytes of generated text so far. */
  get outputBytes(): number {
    return this.bytes;
  }

  /** Output that no report of output tokens includes. */
  get uncounted(): DeliveredOutput {
    return { bytes: this.bytes - this.reportedBytes, frames: this.frames - this.reportedFrames };
  }

  /** The pod has reported the output tokens of all that came so far. */
  get isCounted(): boolean {
    return this.reported?.outputTokens !== undefined && this.bytes === this.reportedBytes && this.frames === this.reportedFrames;
  }

  /** Output tokens so far, as they would be billed if the stream ended here, and never fewer than the pod can have made. */
  get outputTokensMax(): number {
    const { bytes, frames } = this.uncounted;
    return (this.reported?.outputTokens ?? 0) + Math.max(bytes, frames);
  }

  /** True once a choice named its finish reason: an upstream that ends after it has not been cut. */
  get sawFinish(): boolean {
    return this.finished;
  }

  /** Of what the dialect counts beside text. */
  get amount(): number {
    return this.counted;
  }

  /** The number that the next frame has, where frames are numbered. */
  get nextSequence(): number {
    return this.lastSequence + 1;
  }

  read(frame: Buffer): FrameKind {
    const bytes = this.template?.textBytes(frame);
    if (bytes !== undefined) {
      this.bytes += bytes;
      if (bytes > 0) this.frames += 1;
      return CONTENT;
    }
    const reading = this.reader.read(frame);
    this.bytes += reading.bytes;
    if (reading.bytes > 0) this.frames += 1;
    if (reading.usage !== undefined) this.noteUsage(reading.usage, reading);
    this.finished ||= reading.finishes;
    this.counted += reading.amount ?? 0;
    this.lastSequence = reading.sequence ?? this.lastSequence;
    if (reading.bytes > 0 && this.templates < TEMPLATES_MAX && this.template?.isLike(frame) !== true) {
      this.templates += 1;
      this.template = FrameTemplate.of(frame, reading, this.reader) ?? this.template;
    }
    return reading.kind;
  }

  /** The last report counts; what an engine reports with a choice are that choice's tokens, and without one all of them. */
  private noteUsage(usage: ReportedUsage, { choice }: FrameReading): void {
    const outputTokens = this.outputTokensOf(usage, choice);
    this.reported = {
      inputTokens: usage.inputTokens ?? this.reported?.inputTokens,
      cachedInputTokens: usage.cachedInputTokens ?? this.reported?.cachedInputTokens,
      outputTokens: outputTokens ?? this.reported?.outputTokens,
    };
    if (outputTokens === undefined) return;
    this.reportedBytes = this.bytes;
    this.reportedFrames = this.frames;
  }

  private outputTokensOf({ outputTokens }: ReportedUsage, choice: number | undefined): number | undefined {
    if (outputTokens === undefined || choice === undefined) return outputTokens;
    if (this.tokensByChoice.size < COUNTED_CHOICES_MAX || this.tokensByChoice.has(choice))
      this.tokensByChoice.set(choice, outputTokens);
    let sum = 0;
    for (const tokens of this.tokensByChoice.values()) sum += tokens;
    return sum;
  }
}
