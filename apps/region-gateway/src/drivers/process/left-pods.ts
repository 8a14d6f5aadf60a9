import { podDirectoriesIn, type PodDirectory, type PodRecord } from './pod-directory.js';
import { endProcess } from './pod-runner.js';
import { startTimeOf } from './running-process.js';

interface Left {
  readonly record: PodRecord;
  readonly files: PodDirectory;
}

/** Pods of an earlier life of this gateway that was killed: each is taken over by its instance, or ended. */
export class LeftPods {
  readonly #found: Promise<Map<string, Left>>;

  constructor(directory: string) {
    this.#found = find(directory);
  }

  /** Processes that still run what the instance is to run. */
  async take(instanceId: number, signature: string, countMax: number): Promise<readonly PodRecord[]> {
    const found = await this.#found;
    const taken: PodRecord[] = [];
    for (const [podId, { record }] of found) {
      if (taken.length >= countMax) break;
      if (record.instance_id !== instanceId || record.signature !== signature) continue;
      if ((await startTimeOf(record.pid)) !== record.start_time) continue;
      found.delete(podId);
      taken.push(record);
    }
    return taken;
  }

  async endOf(instanceId: number): Promise<void> {
    await this.#end((record) => record.instance_id === instanceId);
  }

  async endAll(): Promise<void> {
    await this.#end(() => true);
  }

  async #end(isToEnd: (record: PodRecord) => boolean): Promise<void> {
    const found = await this.#found;
    const ending = [...found].filter(([, { record }]) => isToEnd(record));
    for (const [podId] of ending) found.delete(podId);
    await Promise.all(
      ending.map(async ([, { record, files }]) => {
        await endProcess({ pid: record.pid, startTime: record.start_time });
        await files.remove();
      }),
    );
  }
}

async function find(directory: string): Promise<Map<string, Left>> {
  const found = new Map<string, Left>();
  for (const files of await podDirectoriesIn(directory)) {
    const record = await files.load();
    if (record === undefined) await files.remove();
    else found.set(record.pod_id, { record, files });
  }
  return found;
}
