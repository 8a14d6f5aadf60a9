import { Lexer } from 'marked';

/** A piece of an answer that is drawn on its own: finished ones never change, only the last one grows. */
export type Block =
  | { readonly kind: 'text'; readonly raw: string; readonly open: boolean }
  | { readonly kind: 'plain'; readonly raw: string }
  | { readonly kind: 'fence'; readonly language: string; readonly chunks: readonly string[]; readonly open: boolean };

const FENCE_OPEN = /^ {0,3}(`{3,}|~{3,})[ \t]*([^\s`]*)[^\n`]*\n/;
const LINES_PER_CHUNK = 80;
/** Markdown nested deeper, or longer in one piece, is shown as the plain text it is: parsing it could take for ever. */
const MARKERS_MAX = 12;
const DEEP_LINE = new RegExp(
  `^[ \\t]*(?:(?:[-*+>]|\\d{1,9}[.)])[ \\t]*){${MARKERS_MAX},}|^[ \\t]{80,}|[*_~\\[\\]!<\`]{200,}`,
  'm',
);
const PIECE_LENGTH_MAX = 20_000;

/** Splits a growing text into blocks. Each `update` looks only at what came after the last finished block. */
export class BlockSplitter {
  private finished: Block[] = [];
  private text = '';
  private from = 0;
  private fence: OpenFence | undefined;

  /** The blocks of `text`, which continues what was given before; another text begins anew. */
  update(text: string, isWhole: boolean): readonly Block[] {
    if (!text.startsWith(this.text.slice(0, Math.min(this.text.length, 64))) || text.length < this.text.length) this.reset();
    this.text = text;
    this.advance();
    const last = this.lastBlock(isWhole);
    return last === undefined ? this.finished : [...this.finished, last];
  }

  private reset(): void {
    this.finished = [];
    this.from = 0;
    this.fence = undefined;
  }

  private advance(): void {
    let before = -1;
    while (before !== this.from && this.from < this.text.length) {
      before = this.from;
      if (this.fence === undefined) this.takeBlocks();
      else this.takeFence(this.fence);
    }
  }

  private takeFence(fence: OpenFence): void {
    const end = fence.read(this.text);
    if (end === undefined) return;
    this.finished.push(fence.block(false));
    this.fence = undefined;
    this.from = end;
  }

  private takeBlocks(): void {
    const tail = this.text.slice(this.from);
    const opening = FENCE_OPEN.exec(tail);
    if (opening !== null) {
      this.fence = new OpenFence(opening[1] ?? '```', opening[2] ?? '', this.from + opening[0].length);
      return this.takeFence(this.fence);
    }
    const pieces = piecesOf(tail);
    // The last piece may go on; all before it are over.
    for (const piece of pieces.slice(0, -1)) {
      if (FENCE_OPEN.test(piece)) return;
      if (piece.trim() !== '') this.finished.push(textBlock(piece, false));
      this.from += piece.length;
    }
  }

  private lastBlock(isWhole: boolean): Block | undefined {
    if (this.fence !== undefined) return this.fence.block(!isWhole);
    const tail = this.text.slice(this.from);
    return tail.trim() === '' ? undefined : textBlock(tail, !isWhole);
  }
}

function textBlock(raw: string, open: boolean): Block {
  return raw.length > PIECE_LENGTH_MAX || DEEP_LINE.test(raw) ? { kind: 'plain', raw } : { kind: 'text', raw, open };
}

/** Block by block as Markdown has them; what must not be parsed is cut at blank lines. */
function piecesOf(tail: string): string[] {
  if (tail.length <= PIECE_LENGTH_MAX && !DEEP_LINE.test(tail)) {
    try {
      return new Lexer().lex(tail).map(({ raw }) => raw);
    } catch {
      // Then it is plain text.
    }
  }
  return tail.split(/(?<=\n[ \t]*\n)/);
}

/** A code block whose end has not come yet: lines are gathered into chunks that never change again. */
class OpenFence {
  private readonly chunks: string[] = [];
  private lines: string[] = [];
  private rest = '';

  constructor(
    private readonly mark: string,
    private readonly language: string,
    private at: number,
  ) {}

  /** Reads on; gives where the block ends once its closing mark has come. */
  read(text: string): number | undefined {
    for (let end = text.indexOf('\n', this.at); end !== -1; end = text.indexOf('\n', this.at)) {
      const line = text.slice(this.at, end);
      this.at = end + 1;
      if (this.closes(line)) {
        this.rest = '';
        return this.at;
      }
      this.lines.push(line);
      if (this.lines.length === LINES_PER_CHUNK) {
        this.chunks.push(this.lines.join('\n'));
        this.lines = [];
      }
    }
    this.rest = text.slice(this.at);
    return undefined;
  }

  block(open: boolean): Block {
    const rest = this.closes(this.rest) ? [] : this.rest === '' ? [] : [this.rest];
    const last = [...this.lines, ...rest];
    const chunks = last.length === 0 ? [...this.chunks] : [...this.chunks, last.join('\n')];
    return { kind: 'fence', language: this.language, chunks, open };
  }

  private closes(line: string): boolean {
    const trimmed = line.trim();
    return trimmed.length >= this.mark.length && trimmed === this.mark.charAt(0).repeat(trimmed.length);
  }
}
