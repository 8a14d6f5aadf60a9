import type { Logger } from '@ecolink/runtime';

interface Part {
  readonly name: string;
  readonly close: () => Promise<void>;
}

/** Ends what was started, the last first. One part that fails to end does not keep the others running. */
export class Shutdown {
  private readonly parts: Part[] = [];
  private running: Promise<boolean> | undefined;

  constructor(private readonly logger: Logger) {}

  get begun(): boolean {
    return this.running !== undefined;
  }

  add(name: string, close: () => Promise<void>): void {
    this.parts.push({ name, close });
  }

  /** Resolves to whether everything ended well. */
  run(): Promise<boolean> {
    this.running ??= this.closeAll();
    return this.running;
  }

  private async closeAll(): Promise<boolean> {
    let ok = true;
    for (const part of [...this.parts].reverse()) {
      try {
        await part.close();
      } catch (error) {
        ok = false;
        this.logger.error({ event: 'shutdown.part_failed', part: part.name, err: error });
      }
    }
    return ok;
  }
}
