/** The instructions that the Dockerfile of this repository uses, and no others. */
export type Instruction =
  | { readonly kind: 'workdir'; readonly path: string }
  | { readonly kind: 'copy'; readonly from: string | undefined; readonly sources: readonly string[]; readonly target: string }
  | { readonly kind: 'run'; readonly script: string }
  | { readonly kind: 'env'; readonly values: Readonly<Record<string, string>> }
  | { readonly kind: 'user'; readonly name: string }
  | { readonly kind: 'volume'; readonly path: string }
  | { readonly kind: 'healthcheck'; readonly command: readonly string[] }
  | { readonly kind: 'entrypoint'; readonly command: readonly string[] }
  | { readonly kind: 'cmd'; readonly command: readonly string[] }
  | { readonly kind: 'expose'; readonly port: number };

export interface Stage {
  readonly name: string;
  /** Another stage, or an image. */
  readonly base: string;
  readonly instructions: readonly Instruction[];
}

/** Throws on anything that it does not know, so that a test cannot pass by leaving something out. */
export function parseDockerfile(text: string): readonly Stage[] {
  const stages: { name: string; base: string; instructions: Instruction[] }[] = [];
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const [, word = '', rest = ''] = /^([A-Z]+) (.+)$/.exec(line) ?? [];
    const current = stages.at(-1);
    if (word === 'FROM') {
      const [, base, name] = /^(\S+) AS (\S+)$/.exec(rest) ?? [];
      if (base === undefined || name === undefined) throw new Error(`not understood: ${line}`);
      stages.push({ name, base, instructions: [] });
    } else if (current === undefined) throw new Error(`before the first stage: ${line}`);
    else current.instructions.push(parseInstruction(word, rest, line));
  }
  return stages;
}

/** All instructions of a stage, those of the stages below it first; and the image at the bottom. */
export function flatten(stages: readonly Stage[], name: string): { image: string; instructions: readonly Instruction[] } {
  const stage = stages.find((candidate) => candidate.name === name);
  if (stage === undefined) return { image: name, instructions: [] };
  const below = flatten(stages, stage.base);
  return { image: below.image, instructions: [...below.instructions, ...stage.instructions] };
}

export function environmentOf(instructions: readonly Instruction[]): Record<string, string> {
  const all = instructions.map((instruction) => (instruction.kind === 'env' ? instruction.values : {}));
  return Object.assign({}, ...all) as Record<string, string>;
}

/** What a container runs, given what compose says as its command. */
export function commandOf(instructions: readonly Instruction[], command?: readonly string[]): readonly string[] {
  const last = (kind: 'cmd' | 'entrypoint'): readonly string[] =>
    instructions.flatMap((instruction) => (instruction.kind === kind ? [instruction.command] : [])).at(-1) ?? [];
  return [...last('entrypoint'), ...(command ?? last('cmd'))];
}

function parseInstruction(word: string, rest: string, line: string): Instruction {
  switch (word) {
    case 'WORKDIR':
      return { kind: 'workdir', path: rest };
    case 'COPY':
      return parseCopy(rest, line);
    case 'RUN':
      return { kind: 'run', script: rest };
    case 'ENV':
      return { kind: 'env', values: Object.fromEntries(rest.split(' ').map((pair) => splitPair(pair, line))) };
    case 'USER':
      return { kind: 'user', name: rest };
    case 'VOLUME':
      return { kind: 'volume', path: rest };
    case 'EXPOSE':
      return { kind: 'expose', port: Number(rest) };
    case 'HEALTHCHECK':
      return { kind: 'healthcheck', command: rest === 'NONE' ? [] : parseExec(rest.replace(/^(--\S+ )+CMD /, ''), line) };
    case 'ENTRYPOINT':
      return { kind: 'entrypoint', command: parseExec(rest, line) };
    case 'CMD':
      return { kind: 'cmd', command: parseExec(rest, line) };
    default:
      throw new Error(`not understood: ${line}`);
  }
}

function parseCopy(rest: string, line: string): Instruction {
  const words = rest.split(' ');
  const options = words.filter((word) => word.startsWith('--'));
  const paths = words.filter((word) => !word.startsWith('--'));
  const target = paths.pop();
  const known = options.every((option) => /^--(from|chown)=\S+$/.test(option));
  // A target that is a folder ends in a slash, so that what happens does not depend on whether it exists.
  if (!known || target?.endsWith('/') !== true || paths.length === 0) throw new Error(`not understood: ${line}`);
  const from = options.find((option) => option.startsWith('--from='))?.slice('--from='.length);
  return { kind: 'copy', from, sources: paths, target };
}

function parseExec(text: string, line: string): readonly string[] {
  const value: unknown = text.startsWith('[') ? JSON.parse(text) : undefined;
  if (!Array.isArray(value) || !value.every((item) => typeof item === 'string')) throw new Error(`not in exec form: ${line}`);
  return value;
}

function splitPair(pair: string, line: string): [string, string] {
  const [, name, value] = /^([A-Z_]+)=([^\s"'$\\]*)$/.exec(pair) ?? [];
  if (name === undefined || value === undefined) throw new Error(`not understood: ${line}`);
  return [name, value];
}
