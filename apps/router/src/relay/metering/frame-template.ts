import { type FrameReader, type FrameReading, TEXT_FRAMES } from './read-frame.js';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const FIRST_PRINTABLE = 0x20;

/** As long as no text is by chance, so that a count of bytes tells whether it was counted. */
const PROBE = Buffer.from('x'.repeat(1_009));

/**
 * A frame of a stream with a gap where its text stands. The frames of one stream are mostly alike but for that text, and a
 * frame that is needs no parsing: around the gap its bytes are those of a frame that was read, and in the gap there is
 * nothing but plain characters of a JSON string, so all that reading it could tell is how many they are.
 */
export class FrameTemplate {
  private constructor(
    private readonly before: Buffer,
    private readonly after: Buffer,
    /** Generated text of the frame outside of the gap. */
    private readonly otherBytes: number,
  ) {}

  /** The template of a frame, given what was read of it; undefined where it says more than text, or its text is not found. */
  static of(frame: Buffer, reading: FrameReading, reader: FrameReader = TEXT_FRAMES): FrameTemplate | undefined {
    if (reading.kind.kind !== 'content' || reading.usage !== undefined || reading.finishes) return undefined;
    for (const member of memberStarts(reader)) {
      const at = frame.indexOf(member);
      if (at === -1) continue;
      const start = at + member.length;
      const end = frame.indexOf(QUOTE, start);
      if (end === -1 || !isPlain(frame, start, end)) continue;
      const template = new FrameTemplate(
        Buffer.from(frame.subarray(0, start)),
        Buffer.from(frame.subarray(end)),
        reading.bytes - (end - start),
      );
      if (template.isProven(reading, reader)) return template;
    }
    return undefined;
  }

  /** UTF-8 bytes of the generated text of a frame that is like this one; undefined for any other, which must be read. */
  textBytes(frame: Buffer): number | undefined {
    const { before, after } = this;
    if (!this.isLike(frame)) return undefined;
    const end = frame.length - after.length;
    return isPlain(frame, before.length, end) ? this.otherBytes + end - before.length : undefined;
  }

  /** Whether a frame begins and ends as this one does; what stands between may still be anything. */
  isLike(frame: Buffer): boolean {
    const { before, after } = this;
    const end = frame.length - after.length;
    return end >= before.length && before.compare(frame, 0, before.length) === 0 && after.compare(frame, end, frame.length) === 0;
  }

  /** The gap is what was counted, and nothing else depends on it: another text in it changes the count by its length only. */
  private isProven(reading: FrameReading, reader: FrameReader): boolean {
    const probed = reader.read(Buffer.concat([this.before, PROBE, this.after]));
    const { kind, usage, finishes, bytes } = probed;
    return (
      this.otherBytes >= 0 &&
      kind.kind === reading.kind.kind &&
      usage === undefined &&
      !finishes &&
      bytes === this.otherBytes + PROBE.length
    );
  }
}

/** Members that hold a stream's text, as they begin where no blank stands between name and value, and where one does. */
function memberStarts({ textMembers }: FrameReader): string[] {
  return textMembers.flatMap((name) => [`"${name}":"`, `"${name}": "`]);
}

/** Whether the bytes stand for themselves in a JSON string, and end neither it nor its line. */
function isPlain(bytes: Buffer, start: number, end: number): boolean {
  for (let index = start; index < end; index += 1) {
    const byte = bytes[index] ?? 0;
    if (byte === QUOTE || byte === BACKSLASH || byte < FIRST_PRINTABLE) return false;
  }
  return true;
}
