import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { parseDockerIgnore } from './docker-ignore.js';
import { environmentOf, flatten, type Instruction, type Stage } from './parse-dockerfile.js';
import { giveAway, runInSandbox } from './sandbox.js';

export interface StageBuilderOptions {
  readonly stages: readonly Stage[];
  /** The repository, and what its .dockerignore says. */
  readonly context: string;
  readonly ignore: string;
  /** An empty folder; each stage gets one below it. */
  readonly directory: string;
  /** What a builder brings of its own: proxies, certificate authorities. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Carries out the Dockerfile's own instructions, each stage once. Layers, images and owners of files are left out. */
export class StageBuilder {
  private readonly built = new Map<string, Promise<string>>();
  private readonly isSent: (path: string) => boolean;

  constructor(private readonly options: StageBuilderOptions) {
    this.isSent = parseDockerIgnore(options.ignore);
  }

  /** The folder that holds the stage's root file system, as far as the Dockerfile makes it. */
  build(name: string): Promise<string> {
    const running = this.built.get(name) ?? this.buildStage(name);
    this.built.set(name, running);
    return running;
  }

  private async buildStage(name: string): Promise<string> {
    const stage = this.options.stages.find((candidate) => candidate.name === name);
    if (stage === undefined) throw new Error(`there is no stage ${name}`);
    const files = path.join(this.options.directory, name);
    const isBelow = this.options.stages.some((candidate) => candidate.name === stage.base);
    // Files that a later step may change must not be the same files as another stage's.
    const changes = stage.instructions.some((instruction) => instruction.kind === 'run');
    if (isBelow) copyTree(await this.build(stage.base), files, changes);
    else mkdirSync(files);
    giveAway(files);
    const all = flatten(this.options.stages, name).instructions;
    for (const [index, instruction] of stage.instructions.entries()) {
      const before = all.slice(0, all.length - stage.instructions.length + index);
      await this.carryOut(instruction, files, before);
    }
    return files;
  }

  private async carryOut(instruction: Instruction, files: string, before: readonly Instruction[]): Promise<void> {
    const workdir = workdirOf(before);
    switch (instruction.kind) {
      case 'workdir':
        return makeDirectory(files, instruction.path);
      case 'copy': {
        const target = path.posix.resolve(workdir, instruction.target);
        makeDirectory(files, target);
        if (instruction.from !== undefined) {
          const from = await this.build(instruction.from);
          for (const source of instruction.sources) copyTree(path.join(from, source), path.join(files, target), false);
        } else for (const source of instruction.sources) this.copyFromContext(source, path.join(files, target));
        return;
      }
      case 'run':
        return this.run(files, workdir, instruction.script, environmentOf(before));
      default:
        // The rest describes how a container is run.
        return;
    }
  }

  private copyFromContext(source: string, target: string): void {
    const { context } = this.options;
    const from = path.join(context, source);
    const to = statSync(from).isDirectory() ? target : path.join(target, path.basename(source));
    cpSync(from, to, {
      recursive: true,
      filter: (file) => this.isSent(path.relative(context, file)),
    });
    if (process.getuid?.() === 0) spawnSync('chown', ['-R', '65534:65534', target]);
  }

  private async run(files: string, workdir: string, script: string, environment: Record<string, string>): Promise<void> {
    const child = runInSandbox({
      files,
      workdir,
      environment: { ...this.options.environment, ...environment },
      command: ['/bin/sh', '-c', script],
      log: 'pipe',
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk: Buffer) => (output = (output + chunk.toString()).slice(-8_000)));
    const [code] = (await once(child, 'close')) as [number | null];
    if (code !== 0) throw new Error(`RUN ${script} ended with ${String(code)}:\n${output}`);
  }
}

export function workdirOf(instructions: readonly Instruction[]): string {
  return instructions.findLast((instruction) => instruction.kind === 'workdir')?.path ?? '/';
}

function makeDirectory(files: string, directory: string): void {
  let current = files;
  for (const part of directory.split('/').filter((name) => name !== '')) {
    current = path.join(current, part);
    if (existsSync(current)) continue;
    mkdirSync(current);
    giveAway(current);
  }
}

/** The contents of a folder, symbolic links as they are. Without `changes` both share their files. */
function copyTree(from: string, to: string, changes: boolean): void {
  mkdirSync(to, { recursive: true });
  const { status, stderr } = spawnSync('cp', [changes ? '-a' : '-al', `${from}/.`, to], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`could not copy ${from}: ${stderr}`);
}
