import { z } from 'zod';

/**
 * `driver_config` of a region with driver `process`: what may be run there. An instance's `image` selects the template.
 * Placeholders stand in `command` (but for its first word) and in the values of `env`.
 */
const WORDS_MAX = 128;
const WORD_LENGTH_MAX = 4_096;
const TEMPLATES_MAX = 64;
const NAMES_MAX = 64;
const GPUS_MAX = 1_024;
const START_SECONDS_DEFAULT = 1_800;
const PHASES_MAX = 16;

export const PLACEHOLDERS = ['port', 'model', 'served_model_name', 'gpu_indices', 'api_key'] as const;
export type Placeholder = (typeof PLACEHOLDERS)[number];

const variableName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/, 'must be the name of an environment variable');
/** Whose value decides which program or code runs. */
const DANGEROUS_VARIABLE =
  /^(PATH|IFS|ENV|BASH_ENV|SHELLOPTS|(LD|DYLD)_.*|NODE_OPTIONS|PYTHON(PATH|STARTUP|HOME)|PERL5.*|RUBY.*|JAVA_TOOL_OPTIONS|GCONV_PATH)$/;
const word = z
  .string()
  .max(WORD_LENGTH_MAX)
  .regex(/^[^\0]*$/, 'must not hold a zero byte');

const pattern = z
  .string()
  .max(512)
  .refine((text) => isPattern(text), 'must be a regular expression');

/**
 * A line of the log that says how far the start is. Groups `done` and `total` of the pattern are bytes, with or without a unit:
 * `(?<done>[0-9.]+[kMG]?B?)/(?<total>[0-9.]+[kMG]?B?)`.
 */
const phaseOfLog = z.strictObject({
  phase: z.enum(['pulling', 'downloading', 'loading', 'warming']),
  pattern: z
    .string()
    .max(512)
    .refine((text) => isSearchPattern(text), 'must be a regular expression'),
  limit_seconds: z.int().min(1).max(86_400).optional(),
});
export type PhaseOfLog = z.infer<typeof phaseOfLog>;

const template = z
  .strictObject({
    /** The program and its arguments; the program is an absolute path or found on the gateway's PATH. */
    command: z.array(word).min(1).max(WORDS_MAX),
    env: z.record(variableName, word).default({}),
    /** Variables of the gateway's own environment that are handed on; PATH and HOME always are. */
    pass_env: z.array(variableName).max(NAMES_MAX).default([]),
    /** Variables that a launch may set. */
    allowed_env: z
      .array(variableName.refine((name) => !DANGEROUS_VARIABLE.test(name), 'decides which code runs, so a launch may not set it'))
      .max(NAMES_MAX)
      .default([]),
    /** Flags that a launch may add, as `--flag=value`, each with the pattern of its whole value; `null`: a flag without value. */
    allowed_args: z
      .record(
        z.string().regex(/^--?[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/, 'must be a flag such as "--max-model-len"'),
        pattern.nullable(),
      )
      .default({}),
    start_timeout_seconds: z.int().min(1).max(86_400).default(START_SECONDS_DEFAULT),
    /** How the program's own lines tell the phases of its start; the last one that matches a line counts. */
    phases: z.array(phaseOfLog).max(PHASES_MAX).default([]),
  })
  .superRefine((value, context) => {
    const texts = [...value.command.slice(1), ...Object.values(value.env)];
    const names = new Set(texts.flatMap(placeholdersIn));
    for (const name of names)
      if (!isPlaceholder(name)) context.addIssue({ code: 'custom', message: `has no value for {${name}}`, path: ['command'] });
    for (const name of ['port', 'api_key'])
      if (!names.has(name)) context.addIssue({ code: 'custom', message: `must use {${name}}`, path: ['command'] });
    if (placeholdersIn(value.command[0] ?? '').length > 0)
      context.addIssue({ code: 'custom', message: 'must name the program without placeholders', path: ['command', 0] });
  });
export type ProcessTemplate = z.infer<typeof template>;

export const processDriverConfig = z.strictObject({
  templates: z
    .record(z.string().min(1).max(512), template)
    .refine((templates) => Object.keys(templates).length <= TEMPLATES_MAX, `must have at most ${TEMPLATES_MAX} entries`),
  /** GPUs of the host that pods may be given, by their index; each is given to one pod at a time. */
  gpu_indices: z.array(z.int().min(0).max(GPUS_MAX)).max(GPUS_MAX).default([]),
});
export type ProcessDriverConfig = z.infer<typeof processDriverConfig>;

/** What a launch asks for that the template does not allow, with the index of the argument or the name of the variable. */
export type TemplateRefusal =
  | { readonly kind: 'args'; readonly index: number; readonly reason: string }
  | { readonly kind: 'env'; readonly name: string; readonly reason: string };

export function refuseForTemplate(
  allowed: Pick<ProcessTemplate, 'allowed_args' | 'allowed_env'>,
  args: readonly string[],
  envNames: readonly string[],
): TemplateRefusal | undefined {
  for (const [index, argument] of args.entries()) {
    const [flag = '', ...rest] = argument.split('=');
    const values = Object.hasOwn(allowed.allowed_args, flag) ? allowed.allowed_args[flag] : undefined;
    const flags = Object.keys(allowed.allowed_args).join(', ') || 'none';
    if (values === undefined) return { kind: 'args', index, reason: `"${flag}" is not allowed here (allowed: ${flags})` };
    const value = argument.includes('=') ? rest.join('=') : null;
    if (values === null ? value !== null : value === null || !new RegExp(`^(?:${values})$`, 'u').test(value))
      return {
        kind: 'args',
        index,
        reason: values === null ? `"${flag}" takes no value` : `the value of "${flag}" must match ${values}`,
      };
  }
  const name = envNames.find((candidate) => !allowed.allowed_env.includes(candidate));
  return name === undefined ? undefined : { kind: 'env', name, reason: 'this variable may not be set here' };
}

/** Replaces every placeholder; texts hold only known ones. A value is never looked into again. */
export function fillPlaceholders(text: string, values: Readonly<Record<Placeholder, string>>): string {
  return text.replace(PLACEHOLDER_PATTERN, (whole, name: string) => (isPlaceholder(name) ? values[name] : whole));
}

const PLACEHOLDER_PATTERN = /\{([a-z_]+)\}/g;

function placeholdersIn(text: string): string[] {
  return [...text.matchAll(PLACEHOLDER_PATTERN)].map(([, name = '']) => name);
}

function isPlaceholder(name: string): name is Placeholder {
  return (PLACEHOLDERS as readonly string[]).includes(name);
}

function isSearchPattern(text: string): boolean {
  try {
    new RegExp(text, 'u');
    return true;
  } catch {
    return false;
  }
}

function isPattern(text: string): boolean {
  try {
    new RegExp(`^(?:${text})$`, 'u');
    return true;
  } catch {
    return false;
  }
}
