import { crc32, deflateSync } from 'node:zlib';
import { seededRandom } from '../timing/seeded-random.js';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const COLOURS = 256;

/** A PNG of soft waves, the same for the same seed and size. One byte a pixel, so that even large ones are made in no time. */
export function pngImage(width: number, height: number, seed: number): Buffer {
  const random = seededRandom(seed);
  const [hue, across, down] = [random() * 360, 1 + random() * 5, 1 + random() * 5];
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  // Eight bits of an index into a palette.
  header.set([8, 3, 0, 0, 0], 8);
  const rows = Buffer.alloc(height * (width + 1));
  const wave = Float64Array.from({ length: width }, (_, x) => Math.sin((x / width) * across * Math.PI));
  for (let y = 0; y < height; y += 1) {
    const level = Math.cos((y / height) * down * Math.PI);
    const start = y * (width + 1) + 1;
    for (let x = 0; x < width; x += 1) rows[start + x] = Math.round((((wave[x] ?? 0) + level + 2) / 4) * (COLOURS - 1));
  }
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('PLTE', paletteOf(hue)),
    chunk('IDAT', deflateSync(rows, { level: 1 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, sum]);
}

function paletteOf(hue: number): Buffer {
  const palette = Buffer.alloc(COLOURS * 3);
  for (let index = 0; index < COLOURS; index += 1) {
    const light = index / (COLOURS - 1);
    for (const [channel, shift] of [0, 120, 240].entries()) {
      const tint = (Math.cos(((hue + shift + light * 90) * Math.PI) / 180) + 1) / 2;
      palette[index * 3 + channel] = Math.round(255 * (0.25 + 0.75 * light) * (0.4 + 0.6 * tint));
    }
  }
  return palette;
}
