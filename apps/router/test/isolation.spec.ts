import { INFERENCE_ENDPOINTS } from '../src/apis/endpoints.js';
import { type Answer, type CallOptions, RouterFixture, type StubGateway } from './support/router-fixture.js';

let fixture: RouterFixture;
let mv: StubGateway;
let strangersKey: string;
/** Every kind of instance that somebody else may have; of each the ids by which a stranger may try it. */
const foreign = new Map<string, { id: number; category: string; ids: readonly string[] }>();
let job: string;

const CATEGORIES = ['chat', 'embedding', 'reranker', 'image', 'audio', 'video'] as const;
const BOUNDARY = 'form7';
const VIDEO_PATH = '/v1/video/generations';

beforeAll(async () => {
  fixture = await RouterFixture.start();
  mv = await fixture.addRegion('mv');
  strangersKey = fixture.plane.addCaller('acc_stranger');
  let id = 100;
  const add = (kind: string, overrides: Parameters<RouterFixture['addInstance']>[2] = {}): void => {
    id += 1;
    const model = fixture.addInstance(id, ['mv'], overrides);
    foreign.set(kind, { id, category: overrides.category ?? 'chat', ids: [model, `other-name:${id}`] });
  };
  for (const category of CATEGORIES) add(category, { category, model_name: `my-${category}` });
  add('custom', { openai_compatible: false, custom_api_path: 'generate' });
  add('custom and compatible', { custom_api_path: '/' });
  add('starting', { state: 'starting' });
  add('stopped', { state: 'stopped', desired_state: 'stopped' });
  add('out of credit', { state: 'terminated', desired_state: 'terminated', termination_reason: 'credit_depleted' });
  mv.answer = (response) =>
    response.writeHead(202, { 'content-type': 'application/json' }).end('{"id":"job 1","status":"queued"}');
  const begun = await fixture.call(VIDEO_PATH, { body: JSON.stringify({ model: foreign.get('video')?.ids[0], prompt: 'x' }) });
  job = (JSON.parse(begun.text) as { id: string }).id;
  expect(begun.status).toBe(202);
  mv.seen.length = 0;
});

afterAll(() => fixture.close());

/** What an answer says, without what differs between any two calls. */
const saidBy = ({ status, text }: Answer): string => `${status} ${text.replace(/req_\w+/g, 'req')}`;
const asStranger = (target: string, options: CallOptions = {}): Promise<Answer> =>
  fixture.call(target, { key: strangersKey, ...options });

function callOf(path: string, model: string): CallOptions {
  if (INFERENCE_ENDPOINTS.get(path)?.takes !== 'form')
    return { body: JSON.stringify({ model, prompt: 'x', messages: [], input: 'x', max_tokens: 5 }) };
  const field = `--${BOUNDARY}\r\nContent-Disposition: form-data; name="model"\r\n\r\n${model}\r\n--${BOUNDARY}--\r\n`;
  return { body: field, headers: { 'content-type': `multipart/form-data; boundary=${BOUNDARY}` } };
}

describe.each([...INFERENCE_ENDPOINTS.keys()])('%s', (path) => {
  it('tells a stranger of every foreign instance the same: not its name, its kind, nor its state; and no pod hears of it', async () => {
    const said = new Set<string>();
    for (const { ids } of foreign.values())
      for (const model of ids) said.add(saidBy(await asStranger(path, callOf(path, model))));
    expect(said.size).toBe(1);
    expect([...said][0]).toMatch(/^401 /);
    expect([...said][0]).toContain("API key invalid or doesn't own the instance");
    expect(mv.seen).toEqual([]);
  });

  it('has a stranger find nothing by ids that are odd spellings of a foreign one', async () => {
    const [own] = foreign.values();
    const id = own?.id ?? 0;
    for (const suffix of [
      `0${id}`,
      `+${id}`,
      ` ${id}`,
      `${id}.0`,
      `${id} `,
      `0x${id.toString(16)}`,
      '9223372036854775807',
      `${id}:${id}`,
    ]) {
      const answer = await asStranger(path, callOf(path, `my-chat:${suffix}`));
      expect([400, 401, 404]).toContain(answer.status);
    }
    expect(mv.seen).toEqual([]);
  });
});

describe('other routes', () => {
  it('the proxy tells a stranger of every foreign instance the same', async () => {
    const said = new Set<string>();
    for (const { id } of foreign.values())
      for (const below of ['generate', 'v1/models', '', '../x'])
        for (const method of ['GET', 'POST'])
          said.add(saidBy(await asStranger(`/inference-instances/${id}/proxy/${below}`, { method })));
    expect(said.size).toBe(1);
    expect([...said][0]).toMatch(/^401 /);
    expect(mv.seen).toEqual([]);
  });

  it('the list of models has none of another account, and neither does one of its entries', async () => {
    const list = JSON.parse((await asStranger('/v1/models')).text) as { data: unknown[] };
    expect(list.data).toEqual([]);
    for (const { ids } of foreign.values())
      for (const model of ids) expect([401, 404]).toContain((await asStranger(`/v1/models/${encodeURIComponent(model)}`)).status);
  });

  it('a job is its account’s alone', async () => {
    expect((await asStranger(`${VIDEO_PATH}/${job}`)).status).toBe(404);
    expect(mv.seen).toEqual([]);
    expect((await fixture.call(`${VIDEO_PATH}/${job}`)).status).toBe(202);
  });
});
