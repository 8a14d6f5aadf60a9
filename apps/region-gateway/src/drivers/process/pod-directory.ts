import { closeSync, openSync } from 'node:fs';
import { copyFile, mkdir, open, readdir, readFile, rename, rm, stat, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';

const LOG_BYTES_MAX = 8 * 1_048_576;
const TAIL_BYTES_MAX = 512 * 1_024;
const LINE_LENGTH_MAX = 2_000;
const PODS_MAX = 4_096;

/** What a later life of the gateway must know to take a pod over. */
const podRecord = z.object({
  pod_id: z.string(),
  instance_id: z.int(),
  /** What was run; another command is another pod. */
  signature: z.string(),
  pid: z.int().min(2),
  start_time: z.string(),
  port: z.int(),
  api_key: z.string(),
  gpu_indices: z.array(z.int()),
});
export type PodRecord = z.infer<typeof podRecord>;

/** The files of one pod: its record, its log with one older part, and the directory that its process works in. */
export class PodDirectory {
  readonly #record: string;
  readonly #log: string;
  readonly workingDirectory: string;

  constructor(readonly directory: string) {
    this.#record = path.join(directory, 'pod.json');
    this.#log = path.join(directory, 'log');
    this.workingDirectory = path.join(directory, 'work');
  }

  async create(): Promise<void> {
    await mkdir(this.workingDirectory, { recursive: true, mode: 0o700 });
  }

  async save(record: PodRecord): Promise<void> {
    const temporary = `${this.#record}.new`;
    await writeFile(temporary, JSON.stringify(record), { mode: 0o600 });
    await rename(temporary, this.#record);
  }

  async load(): Promise<PodRecord | undefined> {
    try {
      return podRecord.parse(JSON.parse(await readFile(this.#record, 'utf8')));
    } catch {
      return undefined;
    }
  }

  async remove(): Promise<void> {
    await rm(this.directory, { recursive: true, force: true });
  }

  /** Runs with a descriptor that appends to the log, which a child inherits and keeps. */
  withLog<T>(run: (descriptor: number) => T): T {
    const descriptor = openSync(this.#log, 'a', 0o600);
    try {
      return run(descriptor);
    } finally {
      closeSync(descriptor);
    }
  }

  /** A log that has grown too long becomes the older part. The process goes on appending to the same file. */
  async boundLog(): Promise<void> {
    const { size } = await stat(this.#log).catch(() => ({ size: 0 }));
    if (size <= LOG_BYTES_MAX) return;
    await copyFile(this.#log, `${this.#log}.1`);
    await truncate(this.#log);
  }

  /** What was written since `offset`, at most so much of it as is read at once, and where to go on. */
  async readFrom(offset: number): Promise<{ readonly text: string; readonly offset: number }> {
    const handle = await open(this.#log, 'r').catch(() => undefined);
    if (handle === undefined) return { text: '', offset };
    try {
      const { size } = await handle.stat();
      // A log that was cut begins anew; of much that was written at once only the end counts.
      const from = Math.max(size < offset ? 0 : offset, size - TAIL_BYTES_MAX);
      const buffer = Buffer.alloc(size - from);
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, from);
      return { text: buffer.toString('utf8', 0, bytesRead), offset: from + bytesRead };
    } finally {
      await handle.close();
    }
  }

  /** The newest lines, oldest first. */
  async tail(linesMax: number): Promise<string[]> {
    const newer = await linesOf(this.#log, linesMax);
    const older = newer.length < linesMax ? await linesOf(`${this.#log}.1`, linesMax - newer.length) : [];
    return [...older, ...newer];
  }
}

/** Pods that an earlier life of the gateway left records of. */
export async function podDirectoriesIn(directory: string): Promise<PodDirectory[]> {
  const names = await readdir(directory).catch(() => [] as string[]);
  return names.slice(0, PODS_MAX).map((name) => new PodDirectory(path.join(directory, name)));
}

async function linesOf(file: string, linesMax: number): Promise<string[]> {
  const handle = await open(file, 'r').catch(() => undefined);
  if (handle === undefined) return [];
  try {
    const { size } = await handle.stat();
    const length = Math.min(size, TAIL_BYTES_MAX);
    const buffer = Buffer.alloc(length);
    await handle.read(buffer, 0, length, size - length);
    const lines = buffer
      .toString('utf8')
      .split(/\r?\n|\r/)
      .filter((line) => line !== '');
    return lines.slice(-linesMax).map((line) => line.slice(0, LINE_LENGTH_MAX));
  } finally {
    await handle.close();
  }
}
