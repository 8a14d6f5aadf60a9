const SAMPLES_PER_SECOND = 24_000;
const BYTES_PER_SAMPLE = 2;
const LOUDNESS = 6_000;
const TONES_HZ = [262, 294, 330, 349, 392, 440, 494];
const SYLLABLE_MS = 180;
const SECONDS_MAX = 60;

/** How long the simulated voice takes for a text: some twelve characters a second. */
export function speechMilliseconds(characters: number, speed: number): number {
  return Math.min(Math.max(Math.round((characters * 80) / speed), 200), SECONDS_MAX * 1_000);
}

/** A melody in place of a voice: 16 bits, mono, 24 kHz, without a container. */
export function pcmSpeech(milliseconds: number, seed: number): Buffer {
  const samples = Math.floor((milliseconds * SAMPLES_PER_SECOND) / 1_000);
  const pcm = Buffer.alloc(samples * BYTES_PER_SAMPLE);
  const perSyllable = (SYLLABLE_MS * SAMPLES_PER_SECOND) / 1_000;
  for (let sample = 0; sample < samples; sample += 1) {
    const syllable = Math.floor(sample / perSyllable);
    const tone = TONES_HZ[(seed + syllable * 3 + (syllable % 2)) % TONES_HZ.length] ?? 440;
    // Each tone swells and fades, so that none begins or ends with a click.
    const swell = Math.sin(((sample % perSyllable) / perSyllable) * Math.PI);
    pcm.writeInt16LE(Math.round(LOUDNESS * swell * Math.sin((2 * Math.PI * tone * sample) / SAMPLES_PER_SECOND)), sample * 2);
  }
  return pcm;
}

/** The header of a WAV file that holds so many bytes of such sound. */
export function wavHeader(pcmBytes: number): Buffer {
  const header = Buffer.alloc(44);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(36 + pcmBytes, 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(SAMPLES_PER_SECOND, 24);
  header.writeUInt32LE(SAMPLES_PER_SECOND * BYTES_PER_SAMPLE, 28);
  header.writeUInt16LE(BYTES_PER_SAMPLE, 32);
  header.writeUInt16LE(8 * BYTES_PER_SAMPLE, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(pcmBytes, 40);
  return header;
}

/** Seconds of a WAV file; undefined for anything else. */
export function wavSeconds(file: Buffer): number | undefined {
  if (file.length < 44 || file.toString('latin1', 0, 4) !== 'RIFF') return undefined;
  const bytesPerSecond = file.readUInt32LE(28);
  return bytesPerSecond === 0 ? undefined : (file.length - 44) / bytesPerSecond;
}
