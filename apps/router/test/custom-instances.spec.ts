import { waitFor } from '@ecolink/testing';
import { answerNeverSent, answerOk, answerStatus, breakOff, RouterFixture, type StubGateway } from './support/router-fixture.js';

const INSTANCE = 5;
const TARGET = `/inference-instances/${INSTANCE}/proxy/x`;

let fixture: RouterFixture;
let mv: StubGateway;
let ga: StubGateway;

beforeAll(async () => {
  fixture = await RouterFixture.start();
  [mv, ga] = [await fixture.addRegion('mv'), await fixture.addRegion('ga')];
});

beforeEach(() => {
  for (const gateway of [mv, ga]) {
    gateway.answer = answerOk;
    gateway.seen.length = 0;
  }
  fixture.addInstance(INSTANCE, ['mv', 'ga'], { openai_compatible: false, custom_api_path: '' });
});

afterAll(() => fixture.close());

const attempts = (): number => mv.seen.length + ga.seen.length;

describe('a call to a custom instance', () => {
  it('with HEAD is answered with the pod’s head alone', async () => {
    const answer = await fixture.call(TARGET, { method: 'HEAD' });
    expect([answer.status, answer.headers['content-type'], answer.text]).toEqual([200, 'application/json', '']);
    expect(Number(answer.headers['content-length'])).toBeGreaterThan(0);
  });

  it('is answered with the pod’s reason phrase and header bytes', async () => {
    mv.answer = ga.answer = (response) => response.writeHead(203, 'As You Wish', { 'x-name': 'Müller' }).end();
    const response = await fixture.begin(TARGET);
    expect([response.statusCode, response.statusMessage, response.headers['x-name']]).toEqual([203, 'As You Wish', 'Müller']);
    response.resume();
  });

  it('gets the head of its answer at once, though the pod takes its time for the body', async () => {
    let finish: () => void = () => undefined;
    mv.answer = ga.answer = (response) => {
      response.writeHead(200);
      response.flushHeaders();
      finish = () => response.end('late');
    };
    const response = await fixture.begin(TARGET);
    expect(response.statusCode).toBe(200);
    finish();
    let text = '';
    for await (const chunk of response) text += String(chunk);
    expect(text).toBe('late');
  });

  it('gets every status of the pod as it is, with one attempt', async () => {
    for (const status of [404, 429, 500, 503]) {
      mv.answer = ga.answer = answerStatus(status);
      mv.seen.length = ga.seen.length = 0;
      expect((await fixture.call(TARGET)).status).toBe(status);
      expect(attempts()).toBe(1);
    }
  });

  it('moves on with its body while no pod was sent it', async () => {
    mv.answer = answerNeverSent;
    for (let call = 0; call < 4; call += 1) {
      const answer = await fixture.call(TARGET, { method: 'POST', body: 'all of it' });
      expect(answer.status).toBe(200);
    }
    expect(ga.seen.map(({ body }) => body)).toEqual(Array(4).fill('all of it'));
  });

  it('with a safe method is repeated when its connection is lost, with another method never', async () => {
    mv.answer = ga.answer = breakOff;
    expect((await fixture.call(TARGET, { method: 'POST', body: 'x' })).status).toBe(502);
    expect(attempts()).toBe(1);
    ga.answer = answerOk;
    for (let call = 0; call < 4; call += 1) expect((await fixture.call(TARGET)).status).toBe(200);
  });

  it('whose answer is cut ends without an end, after everything the pod said', async () => {
    mv.answer = ga.answer = (response) => {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('half');
      setTimeout(() => response.destroy(), 20);
    };
    const response = await fixture.begin(TARGET);
    let text = '';
    let failed = false;
    response.on('data', (chunk: Buffer) => (text += chunk.toString()));
    response.on('error', () => (failed = true));
    await waitFor(() => failed, { timeoutMs: 45_000, what: 'the cut to be seen' });
    expect(text).toBe('half');
  });
});
