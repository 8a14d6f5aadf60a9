import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { type ClientsFixture, startClientsFixture } from '../clients/support/clients-fixture.js';

const run = promisify(execFile);
let fixture: ClientsFixture;
let directory: string;

beforeAll(async () => {
  fixture = await startClientsFixture();
  directory = await mkdtemp(path.join(tmpdir(), 'ecolink-curl-'));
}, 120_000);

afterAll(async () => {
  await fixture?.close();
  await rm(directory, { recursive: true, force: true });
});

interface Printed {
  readonly status: number;
  readonly body: string;
}

/** Runs curl as a person types it; its exit code must be 0. */
async function curl(...args: string[]): Promise<Printed> {
  const key = ['-H', `Authorization: Bearer ${fixture.key}`];
  const { stdout } = await run('curl', ['-sS', '-w', '\n%{http_code}', ...key, ...args], { maxBuffer: 64 * 1024 * 1024 });
  const at = stdout.lastIndexOf('\n');
  return { status: Number(stdout.slice(at + 1)), body: stdout.slice(0, at) };
}

const post = (where: string, body: object, ...more: string[]): Promise<Printed> =>
  curl(fixture.url + where, '-H', 'Content-Type: application/json', '-d', JSON.stringify(body), ...more);

const messages = [{ role: 'user', content: 'Hello' }];
const CHAT = 'my-llama:142';

describe('curl', () => {
  it.each<[string, object, RegExp]>([
    ['/v1/chat/completions', { model: CHAT, messages }, /"object":"chat\.completion"/],
    ['/v1/completions', { model: CHAT, prompt: 'Hello' }, /"object":"text_completion"/],
    ['/v1/responses', { model: CHAT, input: 'Hello' }, /"status":"completed"/],
    ['/v1/messages', { model: CHAT, messages, max_tokens: 9 }, /"type":"message"/],
    ['/v1/messages/count_tokens', { model: CHAT, messages }, /"input_tokens":\d+/],
    ['/v1/embeddings', { model: 'my-embedder:143', input: 'a' }, /"object":"embedding"/],
    ['/v1/rerank', { model: 'my-reranker:144', query: 'a', documents: ['a', 'b'] }, /"relevance_score"/],
    ['/v1/images/generations', { model: 'my-painter:145', prompt: 'a cat', size: '256x256' }, /"b64_json":"iVBOR/],
    ['/v1/video/generations', { model: 'my-filmmaker:147', prompt: 'waves', seconds: 0.1 }, /"id":"/],
  ])('posts to %s', async (where, body, expected) => {
    const { status, body: text } = await post(where, body);
    expect([status, text]).toEqual([where === '/v1/video/generations' ? 202 : 200, expect.stringMatching(expected)]);
  });

  it('streams, and sees the end', async () => {
    const { body } = await post('/v1/chat/completions', { model: CHAT, messages, stream: true }, '-N');
    expect(body.trimEnd().endsWith('data: [DONE]')).toBe(true);
  });

  it('saves what is spoken, and uploads it: with the model before the file and after it', async () => {
    const file = path.join(directory, 'hello.wav');
    const voice = { model: 'my-voice:146', voice: 'alloy', input: 'Hello', response_format: 'wav' };
    await post('/v1/audio/speech', voice, '-o', file);
    expect((await readFile(file)).toString('latin1', 0, 4)).toBe('RIFF');
    const [model, upload] = [
      ['-F', 'model=my-voice:146'],
      ['-F', `file=@${file}`],
    ];
    for (const where of ['/v1/audio/transcriptions', '/v1/audio/translations'])
      for (const form of [
        [...model, ...upload],
        [...upload, ...model],
      ]) {
        const { status, body } = await curl(fixture.url + where, ...form, '-F', 'unknown_field=x');
        expect([status, body]).toEqual([200, expect.stringContaining('simulated')]);
      }
  });

  it('edits an image, and uploads an empty file', async () => {
    const image = path.join(directory, 'cat.png');
    const made = await post('/v1/images/generations', { model: 'my-painter:145', prompt: 'a cat', size: '256x256' });
    const { data } = JSON.parse(made.body) as { data: { b64_json: string }[] };
    await writeFile(image, Buffer.from(data[0]?.b64_json ?? '', 'base64'));
    const form = ['-F', 'model=my-painter:145', '-F', 'prompt=a hat'];
    expect((await curl(`${fixture.url}/v1/images/edits`, ...form, '-F', `image=@${image}`)).body).toContain('iVBOR');
    await writeFile(image, '');
    const empty = await curl(`${fixture.url}/v1/images/edits`, ...form, '-F', `image=@${image}`);
    // What to make of it is the pod's to say.
    expect(empty.status).toBeLessThan(500);
  });

  it('lists models, and asks with HEAD and OPTIONS', async () => {
    expect((await curl(`${fixture.url}/v1/models`)).body).toContain('"my-voice:146"');
    expect((await curl(`${fixture.url}/v1/models/${CHAT}`)).body).toContain('"id":"my-llama:142"');
    expect((await curl('-I', `${fixture.url}/v1/models`)).status).toBe(200);
    expect((await curl('-X', 'OPTIONS', `${fixture.url}/v1/chat/completions`)).status).toBe(204);
  });

  it.each([
    ['an embedding model on chat', '/v1/chat/completions', { model: 'my-embedder:143', messages }, 400, 'wrong_category'],
    ['a model that nobody has', '/v1/chat/completions', { model: 'nobody/has-it', messages }, 404, 'model_not_found'],
    ['a name that is not the instance’s', '/v1/chat/completions', { model: 'other:142', messages }, 404, 'model_not_found'],
    ['no model', '/v1/chat/completions', { messages }, 400, 'invalid_request'],
  ])('is told of %s', async (_what, where, body, status, code) => {
    const answer = await post(where, body);
    expect([answer.status, answer.body]).toEqual([status, expect.stringContaining(`"code":"${code}"`)]);
  });

  it('is given the pod’s own refusal of an encoding that it does not know', async () => {
    const answer = await post('/v1/embeddings', { model: 'my-embedder:143', input: 'a', encoding_format: 'morse' });
    expect([answer.status, answer.body]).toEqual([400, expect.stringContaining('encoding_format')]);
  });
});
