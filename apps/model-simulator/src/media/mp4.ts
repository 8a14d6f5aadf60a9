import { pictureParameters, sequenceParameters, stillFrame } from './h264.js';

const TICKS_PER_SECOND = 1_000;
const WIDTH = 64;
const HEIGHT = 48;
const FRAMES_PER_SECOND = 4;
const FRAMES_MAX = 240;
const IDENTITY = [0x1_0000, 0, 0, 0, 0x1_0000, 0, 0, 0, 0x4000_0000];

/** A film of changing colours in H.264, which players and browsers open (ISO/IEC 14496-12 and -15). */
export function mp4Video(seconds: number, seed: number): Buffer {
  const count = Math.min(Math.max(Math.round(seconds * FRAMES_PER_SECOND), 1), FRAMES_MAX);
  const ticks = Math.max(1, Math.round((seconds * TICKS_PER_SECOND) / count));
  const samples = Array.from({ length: count }, (_, frame) => withLength(frameOf(frame, seed)));
  const type = box('ftyp', Buffer.from('isom\0\0\x02\0isomiso2avc1mp41', 'latin1'));
  const movie = (offset: number): Buffer => movieOf(samples, ticks, offset);
  // The movie stands first, so that its length is known from the first bytes; its size does not depend on the offset.
  const offset = type.length + movie(0).length + 8;
  return Buffer.concat([type, movie(offset), box('mdat', ...samples)]);
}

function frameOf(frame: number, seed: number): Buffer {
  return stillFrame(WIDTH, HEIGHT, frame, (column, row) => [
    60 + ((column * 23 + row * 31 + frame * 9) % 150),
    60 + ((seed + frame * 5 + column * 7) % 140),
    60 + ((seed * 3 + frame * 3 + row * 11) % 140),
  ]);
}

function movieOf(samples: readonly Buffer[], ticks: number, offset: number): Buffer {
  const duration = ticks * samples.length;
  const movieHeader = full(
    'mvhd',
    0,
    u32(0, 0, TICKS_PER_SECOND, duration, 0x1_0000),
    u16(0x100, 0),
    u32(0, 0, ...IDENTITY, 0, 0, 0, 0, 0, 0, 2),
  );
  const trackHeader = full(
    'tkhd',
    3,
    u32(0, 0, 1, 0, duration, 0, 0),
    u16(0, 0, 0, 0),
    u32(...IDENTITY, WIDTH << 16, HEIGHT << 16),
  );
  const media = box(
    'mdia',
    full('mdhd', 0, u32(0, 0, TICKS_PER_SECOND, duration), u16(0x55c4, 0)),
    full('hdlr', 0, u32(0), Buffer.from('vide', 'latin1'), u32(0, 0, 0), Buffer.from('video\0', 'latin1')),
    box(
      'minf',
      full('vmhd', 1, u16(0, 0, 0, 0)),
      box('dinf', full('dref', 0, u32(1), full('url ', 1))),
      tableOf(samples, ticks, offset),
    ),
  );
  return box('moov', movieHeader, box('trak', trackHeader, media));
}

function tableOf(samples: readonly Buffer[], ticks: number, offset: number): Buffer {
  return box(
    'stbl',
    full('stsd', 0, u32(1), sampleEntry()),
    full('stts', 0, u32(1, samples.length, ticks)),
    full('stsc', 0, u32(1, 1, samples.length, 1)),
    full('stsz', 0, u32(0, samples.length, ...samples.map((sample) => sample.length))),
    full('stco', 0, u32(1, offset)),
  );
}

function sampleEntry(): Buffer {
  const [sequence, picture] = [sequenceParameters(WIDTH, HEIGHT), pictureParameters()];
  const configuration = box(
    'avcC',
    Buffer.from([1, ...sequence.subarray(1, 4), 0xff, 0xe1]),
    u16(sequence.length),
    sequence,
    Buffer.from([1]),
    u16(picture.length),
    picture,
  );
  const name = Buffer.alloc(32);
  return box(
    'avc1',
    Buffer.from([0, 0, 0, 0, 0, 0, 0, 1]),
    Buffer.alloc(16),
    u16(WIDTH, HEIGHT),
    u32(0x48_0000, 0x48_0000, 0),
    u16(1),
    name,
    u16(0x18, 0xffff),
    configuration,
  );
}

function withLength(unit: Buffer): Buffer {
  return Buffer.concat([u32(unit.length), unit]);
}

function box(type: string, ...parts: readonly Buffer[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 8);
  return Buffer.concat([u32(length), Buffer.from(type, 'latin1'), ...parts]);
}

function full(type: string, flags: number, ...parts: readonly Buffer[]): Buffer {
  return box(type, u32(flags), ...parts);
}

function u32(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value, index * 4);
  return bytes;
}

function u16(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 2);
  for (const [index, value] of values.entries()) bytes.writeUInt16BE(value, index * 2);
  return bytes;
}
