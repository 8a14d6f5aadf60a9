import { pickingStrategy } from '@ecolink/contracts';

export const STRATEGIES = pickingStrategy.options;
export type Strategy = (typeof STRATEGIES)[number];

/** What the dialog holds while it is filled in. */
export interface LaunchValues {
  readonly kind: 'gpu' | 'external';
  readonly modelId: string;
  readonly name: string;
  readonly gpu: string;
  readonly count: number;
  readonly regions: readonly string[];
  readonly compatible: boolean;
  readonly customPath: string;
  readonly strategy: Strategy;
  readonly image: string;
  readonly args: string;
  readonly env: string;
  readonly singleRegion: boolean;
  readonly pods: readonly PodValues[];
}

export interface PodValues {
  readonly region: string;
  readonly url: string;
  readonly key: string;
}

export type LaunchBody =
  | (Common & { readonly pods: { region: string; url: string; api_key?: string }[] })
  | (Common & {
      readonly gpu_type: string;
      readonly gpu_count: number;
      readonly image: string;
      readonly args?: string[];
      readonly env?: Record<string, string>;
      readonly regions?: string[];
      readonly allow_single_region?: boolean;
    });

interface Common {
  readonly model_id: string;
  readonly name?: string;
  readonly openai_compatible: boolean;
  readonly custom_api_path?: string;
  readonly strategy?: Strategy;
}

export const LAUNCH_EMPTY: LaunchValues = {
  kind: 'gpu',
  modelId: '',
  name: '',
  gpu: '',
  count: 1,
  regions: [],
  compatible: true,
  customPath: '',
  strategy: 'round_robin',
  image: 'vllm/vllm-openai:latest',
  args: '',
  env: '',
  singleRegion: false,
  pods: [{ region: '', url: '', key: '' }],
};

/** `NAME=value` lines; undefined where a line is none. */
export function environmentOf(typed: string): Record<string, string> | undefined {
  const entries: [string, string][] = [];
  for (const line of typed.split('\n')) {
    if (line.trim() === '') continue;
    const match = /^\s*([A-Za-z_][A-Za-z0-9_]*)=(.*)$/.exec(line);
    if (match === null) return undefined;
    entries.push([match[1] ?? '', match[2] ?? '']);
  }
  return Object.fromEntries(entries);
}

/** The body of a launch and of its quote; undefined while something that it needs is missing. */
export function launchBody(values: LaunchValues): LaunchBody | undefined {
  const { modelId, name, compatible, customPath } = values;
  const path = customPath.trim();
  if (modelId === '' || (!compatible && path === '')) return undefined;
  const common = {
    model_id: modelId,
    openai_compatible: compatible,
    ...(name.trim() === '' ? {} : { name: name.trim() }),
    ...(path === '' ? {} : { custom_api_path: path }),
    ...(values.strategy === 'round_robin' ? {} : { strategy: values.strategy }),
  };
  if (values.kind === 'external') {
    const pods = values.pods.filter(({ url }) => url.trim() !== '');
    if (pods.length === 0 || pods.some(({ region }) => region === '')) return undefined;
    return {
      ...common,
      pods: pods.map(({ region, url, key }) => ({ region, url: url.trim(), ...(key === '' ? {} : { api_key: key }) })),
    };
  }
  const env = environmentOf(values.env);
  if (values.gpu === '' || values.image.trim() === '' || env === undefined) return undefined;
  const args = values.args
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  return {
    ...common,
    gpu_type: values.gpu,
    gpu_count: values.count,
    image: values.image.trim(),
    ...(args.length === 0 ? {} : { args }),
    ...(Object.keys(env).length === 0 ? {} : { env }),
    ...(values.regions.length === 0 ? {} : { regions: [...values.regions] }),
    ...(values.singleRegion ? { allow_single_region: true } : {}),
  };
}
