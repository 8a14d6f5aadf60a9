import type { Credentials } from './credentials.js';

/** What `npm start` prints once calls are served: where everything is, and one call to paste for each kind of instance. */
export function banner(credentials: Credentials, dataDirectory: string): string {
  const { api_base_url: base, api_key: key } = credentials;
  const [chatModel] = credentials.models;
  const embedder = credentials.models.find((model) => model.includes('embed'));
  const root = base.replace(/\/v1$/, '');
  const auth = `-H "Authorization: Bearer ${key}" -H "Content-Type: application/json"`;
  const calls = [
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
  return [
    '',
    `EcoLink is running. The demo's models are simulated.`,
    '',
    `  API             ${base}`,
    `  Operators       ${credentials.admin_url}/admin/v1`,
    `  Credentials     ${dataDirectory}/credentials.json`,
    `  Log             ${dataDirectory}/ecolink.log`,
    '',
    ...calls.flatMap(([kind, call]) => [`${kind}:`, `  ${call}`, '']),
    'Ctrl-C stops everything.',
    '',
  ].join('\n');
}
