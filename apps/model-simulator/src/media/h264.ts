/** Writes bits, and the numbers of variable length that H.264 is made of (ISO/IEC 14496-10, section 9.1). */
class BitWriter {
  private readonly bytes: number[] = [];
  private current = 0;
  private filled = 0;

  bits(value: number, count: number): void {
    for (let bit = count - 1; bit >= 0; bit -= 1) {
      this.current = this.current * 2 + ((value >> bit) & 1);
      this.filled += 1;
      if (this.filled < 8) continue;
      this.bytes.push(this.current);
      this.current = this.filled = 0;
    }
  }

  /** `ue(v)` */
  unsigned(value: number): void {
    const length = Math.floor(Math.log2(value + 1));
    this.bits(0, length);
    this.bits(value + 1, length + 1);
  }

  /** `se(v)` */
  signed(value: number): void {
    this.unsigned(value > 0 ? 2 * value - 1 : -2 * value);
  }

  align(bit: 0 | 1 = 0): void {
    while (this.filled > 0) this.bits(bit, 1);
  }

  raw(values: ArrayLike<number>): void {
    for (let index = 0; index < values.length; index += 1) this.bytes.push(values[index] ?? 0);
  }

  /** A stop bit, then zeros to the end of the byte. */
  unit(header: number): Buffer {
    this.bits(1, 1);
    this.align();
    return Buffer.from([header, ...escaped(this.bytes)]);
  }
}

/** Two zeros and a byte up to 3 would look like the start of a unit. */
function escaped(bytes: readonly number[]): number[] {
  const out: number[] = [];
  let zeros = 0;
  for (const byte of bytes) {
    if (zeros >= 2 && byte <= 3) {
      out.push(3);
      zeros = 0;
    }
    out.push(byte);
    zeros = byte === 0 ? zeros + 1 : 0;
  }
  return out;
}

const BLOCK = 16;
const I_PCM = 25;

/** Parameters of a stream of still frames, Baseline profile, which every player decodes. Sizes are multiples of 16 pixels. */
export function sequenceParameters(width: number, height: number): Buffer {
  const writer = new BitWriter();
  writer.raw([66, 0xc0, 30]);
  writer.unsigned(0);
  // Frame numbers of four bits, order by number.
  writer.unsigned(0);
  writer.unsigned(2);
  writer.unsigned(1);
  writer.bits(0, 1);
  writer.unsigned(width / BLOCK - 1);
  writer.unsigned(height / BLOCK - 1);
  // Whole frames, direct 8×8, no cropping, nothing about display.
  writer.bits(0b1100, 4);
  return writer.unit(0x67);
}

export function pictureParameters(): Buffer {
  const writer = new BitWriter();
  writer.unsigned(0);
  writer.unsigned(0);
  writer.bits(0, 2);
  writer.unsigned(0);
  writer.unsigned(0);
  writer.unsigned(0);
  writer.bits(0, 3);
  writer.signed(0);
  writer.signed(0);
  writer.signed(0);
  // The filter between blocks can be switched off in each slice.
  writer.bits(0b100, 3);
  return writer.unit(0x68);
}

/** A frame of plain blocks, each of one colour that `colourOf` gives as luma and two chromas from 16 to 235. */
export function stillFrame(
  width: number,
  height: number,
  frame: number,
  colourOf: (column: number, row: number) => readonly [number, number, number],
): Buffer {
  const writer = new BitWriter();
  writer.unsigned(0);
  writer.unsigned(7);
  writer.unsigned(0);
  writer.bits(0, 4);
  writer.unsigned(frame % 2);
  writer.bits(0, 2);
  writer.signed(0);
  writer.unsigned(1);
  for (let row = 0; row < height / BLOCK; row += 1) {
    for (let column = 0; column < width / BLOCK; column += 1) {
      const [luma, blue, red] = colourOf(column, row);
      writer.unsigned(I_PCM);
      writer.align();
      writer.raw(new Uint8Array(256).fill(luma));
      writer.raw(new Uint8Array(64).fill(blue));
      writer.raw(new Uint8Array(64).fill(red));
    }
  }
  return writer.unit(0x65);
}
