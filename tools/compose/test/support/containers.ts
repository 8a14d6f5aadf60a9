import { type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type StageBuilder, workdirOf } from '../dockerfile/build-stages.js';
import { commandOf, environmentOf, flatten, type Stage } from '../dockerfile/parse-dockerfile.js';
import { giveAway, runInSandbox } from '../dockerfile/sandbox.js';
import type { Compose } from './read-compose.js';

export interface Container {
  readonly child: ChildProcess;
  /** http:// and the address that its name resolves to. */
  readonly url: string;
  output(): string;
}

interface ContainersOptions {
  readonly compose: Compose;
  readonly stages: readonly Stage[];
  readonly builder: StageBuilder;
  readonly directory: string;
}

const WAIT_MS = 90_000;

/**
 * Runs services of the compose file from the Dockerfile's results. In place of a network each service's name is an address
 * of its own in 127.77.0.0/24, so that all keep the ports and URLs of the compose file.
 */
export class Containers {
  private readonly running: Container[] = [];
  private readonly names: readonly string[];

  constructor(private readonly options: ContainersOptions) {
    this.names = Object.keys(options.compose.services);
  }

  /** `overrides` say where the engines are. */
  async run(name: string, overrides: Readonly<Record<string, string>> = {}, command?: readonly string[]): Promise<Container> {
    const { compose, stages, builder } = this.options;
    const service = compose.services[name];
    const target = service?.build?.target ?? '';
    const files = await builder.build(target);
    const { instructions } = flatten(stages, target);
    const given = Object.entries(service?.environment ?? {}).map(([variable, value]) => [variable, String(value)] as const);
    const image = environmentOf(instructions);
    const isRouter = image['ECOLINK_ADMIN_HOST'] !== undefined;
    const volumes = instructions.flatMap((step) => (step.kind === 'volume' ? [[step.path, this.volume(name)] as const] : []));
    const child = runInSandbox({
      files,
      workdir: workdirOf(instructions),
      environment: {
        ...image,
        ...Object.fromEntries(given),
        ECOLINK_HOST: this.address(name),
        ...(isRouter ? { ECOLINK_ADMIN_HOST: this.address(name) } : {}),
        // The authority is a file that compose mounts.
        NODE_EXTRA_CA_CERTS: '',
        ...overrides,
      },
      command: commandOf(instructions, command ?? (Array.isArray(service?.command) ? (service.command as string[]) : undefined)),
      readOnlyBut: Object.fromEntries(volumes),
      hosts: ['127.0.0.1 localhost', ...this.names.map((host) => `${this.address(host)} ${host}`)],
      log: 'pipe',
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const container = { child, url: `http://${this.address(name)}:${image['ECOLINK_PORT'] ?? ''}`, output: () => output };
    this.running.push(container);
    return container;
  }

  async killAll(): Promise<void> {
    for (const { child } of this.running) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill('SIGKILL');
      await once(child, 'close');
    }
  }

  private address(name: string): string {
    return `127.77.0.${10 + this.names.indexOf(name)}`;
  }

  private volume(name: string): string {
    const directory = path.join(this.options.directory, `volume-${name}`);
    mkdirSync(directory, { recursive: true });
    giveAway(directory);
    return directory;
  }
}

/** Polls until `probe` finds something; fails with what the container wrote when it ends before, or takes too long. */
export async function until<T>(container: Container, probe: () => Promise<T | undefined> | T | undefined): Promise<T> {
  const deadline = Date.now() + WAIT_MS;
  while (Date.now() < deadline && container.child.exitCode === null) {
    const result = await probe();
    if (result !== undefined) return result;
    await delay(100);
  }
  throw new Error(`did not get there (exit code ${String(container.child.exitCode)}):\n${container.output().slice(-4_000)}`);
}

export async function answerOf(container: Container, url: string): Promise<{ status: number; text: string } | undefined> {
  const response = await fetch(`${container.url}${url}`).catch(() => undefined);
  return response === undefined ? undefined : { status: response.status, text: await response.text() };
}

/** The exit code, after SIGTERM where a signal is asked for. */
export async function endOf(container: Container, signal?: 'SIGTERM'): Promise<number | null> {
  const { child } = container;
  if (signal !== undefined) child.kill(signal);
  if (child.exitCode === null) await once(child, 'close');
  return child.exitCode;
}
