const MS_PER_SECOND = 1_000;
/** 128 kbit/s, which is what sound of an unknown container is taken for. */
const BYTES_PER_SECOND_UNKNOWN = 16_000;
/** Speech in Opus, which tells its length only at its end. */
const BYTES_PER_SECOND_OGG = 6_000;
const MP3_BITRATES_V1 = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0];
const MP3_BITRATES_V2 = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0];

/**
 * Milliseconds of a sound, by the header of its container: WAV, FLAC, MP3 (by its first bitrate), MP4. Of anything else,
 * and of a header that does not say, by the bytes.
 * @param head the first bytes, as many as there are at hand
 * @param bytes length of the whole sound
 */
export function audioMilliseconds(head: Buffer, bytes: number): number {
  if (bytes <= 0) return 0;
  const found = wavMs(head, bytes) ?? flacMs(head) ?? mp4Ms(head) ?? mp3Ms(head, bytes);
  if (found !== undefined && Number.isFinite(found) && found >= 0) return Math.round(found);
  const bytesPerSecond = head.toString('latin1', 0, 4) === 'OggS' ? BYTES_PER_SECOND_OGG : BYTES_PER_SECOND_UNKNOWN;
  return Math.round((bytes / bytesPerSecond) * MS_PER_SECOND);
}

/** By the bytes that are there: a header that is written ahead of a stream does not know its length. */
function wavMs(head: Buffer, bytes: number): number | undefined {
  if (head.toString('latin1', 0, 4) !== 'RIFF' || head.toString('latin1', 8, 12) !== 'WAVE') return undefined;
  let bytesPerSecond = 0;
  for (let at = 12; at + 8 <= head.length;) {
    const id = head.toString('latin1', at, at + 4);
    const size = head.readUInt32LE(at + 4);
    if (id === 'fmt ' && at + 20 <= head.length) bytesPerSecond = head.readUInt32LE(at + 16);
    if (id === 'data') {
      const content = Math.min(size, bytes - at - 8);
      return bytesPerSecond === 0 ? undefined : (content / bytesPerSecond) * MS_PER_SECOND;
    }
    at += 8 + size + (size % 2);
  }
  return undefined;
}

function flacMs(head: Buffer): number | undefined {
  if (head.toString('latin1', 0, 4) !== 'fLaC' || head.length < 26) return undefined;
  const rate = head.readUIntBE(18, 3) >> 4;
  const samples = (head.readUInt8(21) & 0x0f) * 2 ** 32 + head.readUInt32BE(22);
  return rate === 0 || samples === 0 ? undefined : (samples / rate) * MS_PER_SECOND;
}

/** The movie header; it may stand behind the sound, where it is not seen. */
function mp4Ms(head: Buffer): number | undefined {
  if (head.toString('latin1', 4, 8) !== 'ftyp') return undefined;
  const at = head.indexOf('mvhd', 0, 'latin1');
  if (at === -1 || at + 36 > head.length) return undefined;
  const isLong = head.readUInt8(at + 4) === 1;
  const scale = head.readUInt32BE(at + (isLong ? 24 : 16));
  const duration = isLong ? Number(head.readBigUInt64BE(at + 28)) : head.readUInt32BE(at + 20);
  return scale === 0 ? undefined : (duration / scale) * MS_PER_SECOND;
}

function mp3Ms(head: Buffer, bytes: number): number | undefined {
  const start = head.toString('latin1', 0, 3) === 'ID3' && head.length > 10 ? 10 + id3Size(head) : 0;
  if (start + 4 > head.length || head.readUInt8(start) !== 0xff || (head.readUInt8(start + 1) & 0xe0) !== 0xe0) return undefined;
  const flags = head.readUInt8(start + 1);
  // Layer III alone; layer 0 is AAC, whose frames say nothing of their rate.
  if (((flags >> 1) & 3) !== 1) return undefined;
  const rates = ((flags >> 3) & 3) === 3 ? MP3_BITRATES_V1 : MP3_BITRATES_V2;
  const kilobits = rates[head.readUInt8(start + 2) >> 4] ?? 0;
  return kilobits === 0 ? undefined : ((bytes - start) * 8) / kilobits;
}

/** Seven bits of each of four bytes. */
function id3Size(head: Buffer): number {
  return [6, 7, 8, 9].reduce((size, at) => size * 128 + (head.readUInt8(at) & 0x7f), 0);
}
