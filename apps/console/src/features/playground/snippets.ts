import type { CodeSample } from '../../ui/code-tabs.js';

/** A request of the playground, to be shown as code that runs as pasted. */
export interface CodeRequest {
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
  /** How the official SDKs call it, e.g. `chat.completions.create`; null where they do not. */
  readonly sdk: { readonly python: string; readonly typescript: string } | null;
  /** How the answer is read. */
  readonly answer: 'stream' | 'json' | 'bytes';
}

/** The same request for Python, TypeScript and curl. Keys come from `ECOLINK_API_KEY`, never from the page. */
export function codeSamples(request: CodeRequest, origin: string): CodeSample[] {
  return [
    { label: 'Python', language: 'python', code: python(request, origin) },
    { label: 'TypeScript', language: 'typescript', code: typescript(request, origin) },
    { label: 'curl', language: 'curl', code: curl(request, origin) },
  ];
}

export function curl({ path, body, answer }: CodeRequest, origin: string): string {
  const sent = answer === 'stream' ? { ...body, stream: true } : body;
  const json = JSON.stringify(sent, null, 2).replaceAll("'", `'\\''`);
  const output = answer === 'bytes' ? ' \\\n  --output answer.bin' : '';
  const silent = answer === 'stream' ? ' -N' : '';
  return `curl${silent} ${origin}/v1${path} \\\n  -H "Authorization: Bearer $ECOLINK_API_KEY" \\\n  -H "Content-Type: application/json" \\\n  -d '${json}'${output}`;
}

function python({ path, body, sdk, answer }: CodeRequest, origin: string): string {
  if (sdk === null) {
    const shown = answer === 'bytes' ? 'open("answer.bin", "wb").write(answer.content)' : 'print(answer.json())';
    return [
      'import os',
      'import httpx',
      '',
      'answer = httpx.post(',
      `    "${origin}/v1${path}",`,
      '    headers={"Authorization": f"Bearer {os.environ[\'ECOLINK_API_KEY\']}"},',
      `    json=${pythonValue(body, 1)},`,
      '    timeout=600,',
      ')',
      'answer.raise_for_status()',
      shown,
    ].join('\n');
  }
  const head = [
    'import os',
    'from openai import OpenAI',
    '',
    'client = OpenAI(',
    `    base_url="${origin}/v1",`,
    '    api_key=os.environ["ECOLINK_API_KEY"],',
    ')',
  ];
  const name = answer === 'stream' ? 'stream' : 'answer';
  const given = answer === 'stream' ? { ...body, stream: true } : body;
  const call = [
    `${name} = client.${sdk.python}(`,
    ...Object.entries(given).map(([key, value]) => `    ${key}=${pythonValue(value, 1)},`),
    ')',
  ];
  const end = {
    stream: [
      'for chunk in stream:',
      '    if delta := chunk.choices[0].delta.content:',
      '        print(delta, end="", flush=True)',
    ],
    json: ['print(answer)'],
    bytes: ['answer.write_to_file("answer.mp3")'],
  }[answer];
  return [...head, ...call, ...end].join('\n');
}

function typescript({ path, body, sdk, answer }: CodeRequest, origin: string): string {
  if (sdk === null) {
    const shown =
      answer === 'bytes' ? 'console.log((await answer.arrayBuffer()).byteLength);' : 'console.log(await answer.json());';
    return [
      `const answer = await fetch("${origin}/v1${path}", {`,
      '  method: "POST",',
      '  headers: {',
      '    Authorization: `Bearer ${process.env.ECOLINK_API_KEY}`,',
      '    "Content-Type": "application/json",',
      '  },',
      `  body: JSON.stringify(${indented(JSON.stringify(body, null, 2), 1)}),`,
      '});',
      'if (!answer.ok) throw new Error(await answer.text());',
      shown,
    ].join('\n');
  }
  const head = [
    'import OpenAI from "openai";',
    '',
    'const client = new OpenAI({',
    `  baseURL: "${origin}/v1",`,
    '  apiKey: process.env.ECOLINK_API_KEY,',
    '});',
  ];
  const name = answer === 'stream' ? 'stream' : 'answer';
  const given = answer === 'stream' ? { ...body, stream: true } : body;
  const call = [`const ${name} = await client.${sdk.typescript}(${JSON.stringify(given, null, 2)});`];
  const end = {
    stream: ['for await (const chunk of stream) {', '  process.stdout.write(chunk.choices[0]?.delta?.content ?? "");', '}'],
    json: ['console.log(answer);'],
    bytes: ['await (await import("node:fs/promises")).writeFile("answer.mp3", Buffer.from(await answer.arrayBuffer()));'],
  }[answer];
  return [...head, ...call, ...end].join('\n');
}

/** A JSON value as Python writes it. */
export function pythonValue(value: unknown, depth: number): string {
  if (value === null || value === undefined) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'string' || typeof value === 'number') return JSON.stringify(value);
  const pad = '    '.repeat(depth + 1);
  const close = '    '.repeat(depth);
  if (Array.isArray(value)) {
    if (value.length === 0) return '[]';
    return `[\n${value.map((item) => `${pad}${pythonValue(item, depth + 1)},`).join('\n')}\n${close}]`;
  }
  const entries = Object.entries(value);
  if (entries.every(([, item]) => typeof item !== 'object' || item === null)) {
    return `{${entries.map(([key, item]) => `${JSON.stringify(key)}: ${pythonValue(item, depth)}`).join(', ')}}`;
  }
  return `{\n${entries.map(([key, item]) => `${pad}${JSON.stringify(key)}: ${pythonValue(item, depth + 1)},`).join('\n')}\n${close}}`;
}

function indented(json: string, depth: number): string {
  return json.replaceAll('\n', `\n${'  '.repeat(depth)}`);
}
