import { audioMilliseconds } from './audio-duration.js';

function wav(bytesPerSecond: number, dataBytes: number, announced = dataBytes): Buffer {
  const head = Buffer.alloc(44);
  head.write('RIFF', 0).toString();
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt32LE(bytesPerSecond, 28);
  head.write('data', 36);
  head.writeUInt32LE(announced, 40);
  return Buffer.concat([head, Buffer.alloc(dataBytes)]);
}

describe('audioMilliseconds', () => {
  it('reads a WAV by its rate, also where its header was written before its end was known', () => {
    expect(audioMilliseconds(wav(32_000, 48_000), 48_044)).toBe(1_500);
    expect(audioMilliseconds(wav(32_000, 16, 0xffff_ffff), 44 + 64_000)).toBe(2_000);
  });

  it('reads an MP3 by its first bitrate, behind its tags', () => {
    const frame = Buffer.from([0xff, 0xfb, 0x90, 0x00]);
    const tag = Buffer.from([0x49, 0x44, 0x33, 4, 0, 0, 0, 0, 0, 2, 0, 0]);
    expect(audioMilliseconds(frame, 16_000)).toBe(1_000);
    expect(audioMilliseconds(Buffer.concat([tag, frame]), 16_012)).toBe(1_000);
  });

  it('reads a FLAC by its samples', () => {
    const head = Buffer.alloc(42);
    head.write('fLaC', 0);
    head.writeUIntBE(16_000 << 4, 18, 3);
    head.writeUInt32BE(40_000, 22);
    expect(audioMilliseconds(head, 9_999)).toBe(2_500);
  });

  it('reads an MP4 by its movie header', () => {
    const head = Buffer.alloc(80);
    head.write('ftyp', 4);
    head.write('mvhd', 30);
    head.writeUInt32BE(1_000, 46);
    head.writeUInt32BE(3_250, 50);
    expect(audioMilliseconds(head, 9_999)).toBe(3_250);
  });

  it('takes anything else for 16,000 bytes a second, and nothing for nothing', () => {
    expect(audioMilliseconds(Buffer.from('what is this?'), 8_000)).toBe(500);
    expect(audioMilliseconds(Buffer.alloc(0), 0)).toBe(0);
  });

  it.each(['RIFF', 'fLaC', 'ID3', 'OggS', '\xff\xfb'])('survives a header that is cut off: %s', (start) => {
    for (let length = 0; length < 60; length += 1) {
      const head = Buffer.concat([Buffer.from(start, 'latin1'), Buffer.alloc(length)]);
      expect(audioMilliseconds(head, head.length)).toBeGreaterThanOrEqual(0);
    }
  });
});
