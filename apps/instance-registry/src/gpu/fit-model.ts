import type { Category, Fits, ModelSource } from '@ecolink/contracts';

/** What of a model decides how much memory it takes. */
export interface SizedModel {
  readonly name: string;
  readonly category: Category;
  readonly source: ModelSource;
  readonly contextLength: number | null;
  readonly parameters: bigint | null;
}

interface GpuSet {
  readonly type: string;
  readonly count: number;
  readonly memoryGb: number | null;
}

const GB = 1e9;
/** The rest is for the engine itself and what it computes with: vLLM's own default. */
const USABLE_SHARE = 0.9;
/** 16-bit floats are what models are published in, unless the name says otherwise. */
const BYTES_DEFAULT = 2;
const BYTES_BY_NAME: readonly (readonly [pattern: RegExp, bytes: number])[] = [
  [/awq|gptq|nf4|int4|4-?bit|[^a-z]q4|mxfp4|nvfp4/i, 0.56],
  [/fp8|int8|8-?bit|w8a8|[^a-z]q8/i, 1],
  [/fp32|float32/i, 4],
];
/** `8B`, `1.5b`, `270m`, `8x7B`; not the `3B` of `A3B`, which is what one token uses. */
const SIZE_IN_NAME = /(?<![A-Za-z0-9.])(?:([0-9]{1,3})x)?([0-9]{1,4}(?:\.[0-9]{1,3})?)(b|m)(?![A-Za-z0-9])/i;
const CONTEXT_DEFAULT = 8_192;
/** Keys and values of one token, 16 bits: 128 KiB of an 8B model with grouped queries, and growing with the root of the size. */
const KV_BYTES_AT_8B = 131_072;
const PARAMETERS_AT_8B = 8e9;
const CONTEXTS_TO_FIT_WELL = 4;

/** Weights + one context against the usable memory. Where a figure is not known, it says which. */
export function fitModel(model: SizedModel, gpus: GpuSet, args: readonly string[] = []): Fits {
  const parameters = parametersOf(model);
  if (parameters === undefined)
    return unknown(`the size of ${model.name} is not known: give the model its parameters, or a name that tells, such as "…-8B"`);
  if (gpus.memoryGb === null) return unknown(`the memory of ${gpus.type} is not known`);
  const bytes = bytesPerParameter(model);
  const weights = parameters * bytes;
  const context = contextOf(model, args);
  const kv = context * kvBytesPerToken(model, parameters);
  const usable = gpus.memoryGb * gpus.count * USABLE_SHARE * GB;
  const verdict = weights + kv > usable ? 'no' : weights + kv * CONTEXTS_TO_FIT_WELL > usable ? 'tight' : 'yes';
  const contextWords = kv === 0 ? '' : ` + about ${gb(kv)} for a context of ${context.toLocaleString('en-US')} tokens`;
  const sum = `${billions(parameters)} parameters × ${bytes} bytes = ${gb(weights)}${contextWords} = ${gb(weights + kv)}`;
  return {
    verdict,
    arithmetic: `${sum}; ${gpus.count} × ${gpus.type} offers ${gb(usable)} (90 % of ${gpus.memoryGb * gpus.count} GB)`,
  };
}

function unknown(arithmetic: string): Fits {
  return { verdict: 'unknown', arithmetic };
}

function parametersOf(model: SizedModel): number | undefined {
  if (model.parameters !== null) return Number(model.parameters);
  for (const text of namesOf(model)) {
    const [, experts, size, unit] = SIZE_IN_NAME.exec(text) ?? [];
    if (size !== undefined) return Number(experts ?? 1) * Number(size) * (unit?.toLowerCase() === 'b' ? 1e9 : 1e6);
  }
  return undefined;
}

function bytesPerParameter(model: SizedModel): number {
  const names = namesOf(model).join(' ');
  return BYTES_BY_NAME.find(([pattern]) => pattern.test(names))?.[1] ?? BYTES_DEFAULT;
}

function namesOf({ name, source }: SizedModel): readonly string[] {
  switch (source.kind) {
    case 'huggingface':
      return [source.repo, name];
    case 'filesystem':
      return [source.path, name];
    case 'platform':
      return [source.platform_model_id, name];
    case 'external':
      return [name];
  }
}

/** What the launch says to vLLM, else the model's own. */
function contextOf({ contextLength }: SizedModel, args: readonly string[]): number {
  const [, given] = args.flatMap((argument) => /^--max-model-len=([0-9]{1,9})$/.exec(argument) ?? []);
  return given === undefined ? (contextLength ?? CONTEXT_DEFAULT) : Number(given);
}

/** Only what writes word by word keeps keys and values. */
function kvBytesPerToken({ category }: SizedModel, parameters: number): number {
  return category === 'chat' ? KV_BYTES_AT_8B * Math.sqrt(parameters / PARAMETERS_AT_8B) : 0;
}

function gb(bytes: number): string {
  return `${(bytes / GB).toFixed(1)} GB`;
}

function billions(parameters: number): string {
  return `${Number((parameters / 1e9).toPrecision(3))} billion`;
}
