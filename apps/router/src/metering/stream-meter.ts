import { FrameTemplate } from './frame-template.js';
import { CONTENT, type FrameKind, readFrame } from './read-frame.js';
import type { ReportedUsage } from './usage-reading.js';

/** A stream whose frames differ in more than their text is read frame by frame: looking for its pattern costs, too. */
const TEMPLATES_MAX = 4;

/** Reads the frames of one stream as they pass: usage, delivered text, how it ends. */
export class StreamMeter {
  private reported: ReportedUsage | undefined;
  private bytes = 0;
  private finished = false;
  private template: FrameTemplate | undefined;
  private templates = 0;

  get usage(): ReportedUsage | undefined {
    return this.reported;
  }

  /** UTF-8 bytes of generated text so far. */
  get outputBytes(): number {
    return this.bytes;
  }

  /** True once a choice named its finish reason: an upstream that ends after it has not been cut. */
  get sawFinish(): boolean {
    return this.finished;
  }

  read(frame: Buffer): FrameKind {
    const bytes = this.template?.textBytes(frame);
    if (bytes !== undefined) {
      this.bytes += bytes;
      return CONTENT;
    }
    const reading = readFrame(frame);
    // Some engines report a growing usage in every frame: the last one counts.
    this.reported = reading.usage ?? this.reported;
    this.bytes += reading.bytes;
    this.finished ||= reading.finishes;
    if (reading.bytes > 0 && this.templates < TEMPLATES_MAX && this.template?.isLike(frame) !== true) {
      this.templates += 1;
      this.template = FrameTemplate.of(frame, reading) ?? this.template;
    }
    return reading.kind;
  }
}
