import { isLaterPhase, type PhaseOfLog } from '@ecolink/contracts';
import type { StartStanding } from '../../pods/start-progress.js';
import type { PodDirectory } from './pod-directory.js';

const LINE_LENGTH_MAX = 2_000;
const UNITS: Readonly<Record<string, number>> = {
  ...{ '': 1, k: 1e3, m: 1e6, g: 1e9, t: 1e12 },
  ...{ ki: 2 ** 10, mi: 2 ** 20, gi: 2 ** 30, ti: 2 ** 40 },
};

/** Reads from a program's own lines how far its start has come. A phase is never gone back to. */
export class LogPhases {
  readonly #patterns: readonly { readonly of: PhaseOfLog; readonly pattern: RegExp }[];
  #standing: StartStanding;
  #offset: number;
  #rest = '';
  private readonly limitSeconds: number;

  /** `limitSeconds`: of a phase without a limit of its own. `offset`: where in the log its lines begin. */
  constructor(
    phases: readonly PhaseOfLog[],
    private readonly files: Pick<PodDirectory, 'readFrom'>,
    { limitSeconds, offset }: { readonly limitSeconds: number; readonly offset: number },
  ) {
    this.limitSeconds = limitSeconds;
    this.#offset = offset;
    this.#patterns = phases.map((of) => ({ of, pattern: new RegExp(of.pattern, 'u') }));
    this.#standing = { phase: 'loading', sinceMs: Date.now(), limitSeconds };
    // Without patterns nothing is known but that it runs; with them it begins before the first of them.
    if (phases.length > 0) this.#standing = { ...this.#standing, phase: 'scheduled' };
  }

  get standing(): StartStanding {
    return this.#standing;
  }

  /** Looks at what was written since the last time. @returns whether the start stands elsewhere now. */
  async read(): Promise<boolean> {
    if (this.#patterns.length === 0) return false;
    const before = this.#standing;
    const { text, offset } = await this.files.readFrom(this.#offset);
    this.#offset = offset;
    // Bars of progress are drawn over themselves with carriage returns.
    const lines = (this.#rest + text).split(/[\r\n]+/);
    this.#rest = (lines.pop() ?? '').slice(-LINE_LENGTH_MAX);
    for (const line of [...lines, this.#rest]) this.#take(line.slice(0, LINE_LENGTH_MAX));
    return this.#standing !== before;
  }

  #take(line: string): void {
    for (const { of, pattern } of this.#patterns) {
      const match = pattern.exec(line);
      if (match === null || isLaterPhase(this.#standing.phase, of.phase)) continue;
      const sinceMs = this.#standing.phase === of.phase ? this.#standing.sinceMs : Date.now();
      const doneBytes = bytesOf(match.groups?.['done']);
      const totalBytes = bytesOf(match.groups?.['total']);
      const next = { phase: of.phase, sinceMs, limitSeconds: of.limit_seconds ?? this.limitSeconds, doneBytes, totalBytes };
      if (JSON.stringify(next) !== JSON.stringify(this.#standing)) this.#standing = next;
    }
  }
}

/** `1.2G`, `340 MB`, `2GiB` or a plain number; anything else is not known. */
function bytesOf(text: string | undefined): number | undefined {
  const match = /^([0-9]+(?:\.[0-9]+)?)\s*([kmgt]?i?)b?$/i.exec(text?.trim() ?? '');
  const factor = UNITS[(match?.[2] ?? '').toLowerCase()];
  return match === null || factor === undefined ? undefined : Math.round(Number(match[1]) * factor);
}
