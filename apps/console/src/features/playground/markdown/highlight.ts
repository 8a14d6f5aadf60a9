/** A line of code: its pieces with a colour of the theme, or none. */
export type ColouredLine = readonly (readonly [content: string, colour: string])[];

interface Answer {
  readonly id: number;
  readonly lines: ColouredLine[] | null;
}

const TIMEOUT_MS = 5_000;

let worker: Worker | undefined;
let lastId = 0;
const waiting = new Map<number, (lines: ColouredLine[] | undefined) => void>();

/** Colours code in a worker; undefined when the language is not known or it takes too long. */
export function highlight(code: string, language: string): Promise<ColouredLine[] | undefined> {
  lastId += 1;
  const id = lastId;
  return new Promise((resolve) => {
    waiting.set(id, resolve);
    setTimeout(() => settle(id, undefined), TIMEOUT_MS);
    workerOf().postMessage({ id, code, language });
  });
}

function workerOf(): Worker {
  if (worker !== undefined) return worker;
  worker = new Worker(new URL('./highlight.worker.ts', import.meta.url), { type: 'module' });
  worker.onmessage = ({ data }: MessageEvent<Answer>) => settle(data.id, data.lines ?? undefined);
  return worker;
}

function settle(id: number, lines: ColouredLine[] | undefined): void {
  waiting.get(id)?.(lines);
  waiting.delete(id);
}
