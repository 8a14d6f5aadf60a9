import type { Credentials } from './credentials.js';

export interface BannerOptions {
  readonly dataDirectory: string;
  /** On a terminal secrets are shown; elsewhere standard output is kept by journals and container logs, and names their file instead. */
  readonly showSecrets: boolean;
}

/** What `npm start` prints once calls are served: where everything is, and one call to paste for each kind of instance. */
export function banner(credentials: Credentials, { dataDirectory, showSecrets }: BannerOptions): string {
  const file = `${dataDirectory}/credentials.json`;
  const password = showSecrets ? credentials.demo_password : '(demo_password in the credentials)';
  return [
    '',
    `EcoLink is running. The demo's models are simulated.`,
    '',
    `  Console         ${credentials.console_url}`,
    `  Sign in         ${credentials.demo_email}  ${password}`,
    `  API             ${credentials.api_base_url}`,
    `  Operators       ${credentials.admin_url}/admin/v1`,
    `  Credentials     ${file}`,
    `  Logs            ${dataDirectory}/log`,
    '',
    ...(showSecrets ? [] : ['The key, for the calls below:', `  ${exportKey(file)}`, '']),
    ...callsOf(credentials, showSecrets ? credentials.api_key : '$ECOLINK_KEY').flatMap(([kind, call]) => [
      `${kind}:`,
      `  ${call}`,
      '',
    ]),
    'Ctrl-C stops everything.',
    '',
  ].join('\n');
}

function exportKey(file: string): string {
  return `export ECOLINK_KEY="$(node -p 'JSON.parse(fs.readFileSync(process.argv[1])).api_key' '${file}')"`;
}

function callsOf(credentials: Credentials, key: string): readonly (readonly [string, string])[] {
  const base = credentials.api_base_url;
  const [chatModel] = credentials.models;
  const embedder = credentials.models.find((model) => model.includes('embed'));
  const root = base.replace(/\/v1$/, '');
  const auth = `-H "Authorization: Bearer ${key}" -H "Content-Type: application/json"`;
  return [
    [
      'OpenAI-compatible instance',
      `curl ${base}/chat/completions ${auth} -d '{"model":"${chatModel ?? ''}","messages":[{"role":"user","content":"Hello from my own model"}]}'`,
    ],
    [
      'Custom instance',
      `curl ${root}/inference-instances/${credentials.custom_instance_id ?? ''}/proxy/generate ${auth} -d '{"prompt":"Hello","max_tokens":100}'`,
    ],
    ['Embedding instance', `curl ${base}/embeddings ${auth} -d '{"model":"${embedder ?? ''}","input":"Hello"}'`],
    [
      'Platform model',
      `curl ${base}/chat/completions ${auth} -d '{"model":"meta-llama/Llama-3.1-8B-Instruct","messages":[{"role":"user","content":"Hello"}],"stream":true}'`,
    ],
  ];
}
