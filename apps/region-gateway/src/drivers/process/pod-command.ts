import { createHash } from 'node:crypto';
import { fillPlaceholders, type GatewayDeployment, type ProcessTemplate, refuseForTemplate } from '@ecolink/contracts';

/** What one pod is given of its own. */
export interface PodValues {
  readonly port: number;
  readonly apiKey: string;
  readonly gpuIndices: readonly number[];
}

export interface PodCommand {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

const ALWAYS_PASSED = ['PATH', 'HOME', 'LANG', 'TMPDIR'];

/** The template filled in, without any shell. Throws where the launch asks for what the template does not allow. */
export function podCommand(template: ProcessTemplate, deployment: GatewayDeployment, values: PodValues): PodCommand {
  const refusal = refuseForTemplate(template, deployment.args, Object.keys(deployment.env));
  if (refusal !== undefined)
    throw new Error(`${refusal.kind === 'args' ? `args[${refusal.index}]` : refusal.name}: ${refusal.reason}`);
  const texts = {
    port: String(values.port),
    model: deployment.model ?? deployment.served_model_name,
    served_model_name: deployment.served_model_name,
    gpu_indices: values.gpuIndices.join(','),
    api_key: values.apiKey,
  };
  const [file = '', ...rest] = template.command;
  const args = [...rest.map((text) => fillPlaceholders(text, texts)), ...deployment.args];
  const own = Object.entries(template.env).map(([name, text]) => [name, fillPlaceholders(text, texts)]);
  const passed = [...ALWAYS_PASSED, ...template.pass_env].flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value]];
  });
  const token = deployment.token === null ? [] : [['HF_TOKEN', deployment.token]];
  return {
    file,
    args,
    // The operator's words come last: a launch never changes them.
    env: Object.fromEntries([...passed, ...token, ...Object.entries(deployment.env), ...own]) as Record<string, string>,
  };
}

/** Two deployments of one signature run the same pods; anything that reaches the command counts, secrets only as their hash. */
export function signatureOf(template: ProcessTemplate, deployment: GatewayDeployment): string {
  // How its lines are read is nothing that the process knows of.
  const { phases: _phases, ...run } = template;
  const { instance_id: id, served_model_name: name, model, args, env, token, gpu_count: gpus } = deployment;
  return createHash('sha256')
    .update(JSON.stringify([run, id, name, model, args, env, token, gpus]))
    .digest('hex');
}
