import type { UsageRecorded } from '@ecolink/contracts';
import { waitFor } from '@ecolink/testing';
import {
  answerNeverSent,
  answerStatus,
  type Answer,
  type GatewayAnswer,
  RouterFixture,
  type StubGateway,
} from './support/router-fixture.js';

const BOUNDARY = 'form7';
const MIB = 1_048_576;
const WAV = Buffer.concat([
  Buffer.from('RIFF....WAVEfmt \x10\0\0\0\x01\0\x01\0\x80\x3e\0\0\0\x7d\0\0\x02\0\x10\0data\0\xfa\0\0', 'latin1'),
  Buffer.alloc(64_000),
]);

let fixture: RouterFixture;
let mv: StubGateway;
let ga: StubGateway;

beforeAll(async () => {
  fixture = await RouterFixture.start({ bodyIdleTimeoutMs: 2_000 });
  mv = await fixture.addRegion('mv');
  ga = await fixture.addRegion('ga');
  fixture.addInstance(1, ['mv'], { category: 'audio', model_name: 'my-whisper', served_model_name: 'openai/whisper' });
  fixture.addInstance(2, ['mv'], { category: 'image', model_name: 'my-painter' });
  fixture.addInstance(3, ['mv']);
  fixture.addInstance(4, ['ga', 'mv'], { category: 'audio', model_name: 'my-whisper' });
});

beforeEach(() => {
  mv.answer = ga.answer = transcript;
});

afterAll(() => fixture.close());

const transcript: GatewayAnswer = (response) =>
  response.writeHead(200, { 'content-type': 'application/json' }).end('{"text":"hello"}');

function field(name: string, value: string): Buffer {
  return Buffer.from(`--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`);
}

function file(content: Buffer, name = 'file'): Buffer {
  const head = `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"; filename="a.wav"\r\nContent-Type: audio/wav\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), content, Buffer.from('\r\n')]);
}

const END = Buffer.from(`--${BOUNDARY}--\r\n`);
const TYPE = { 'content-type': `multipart/form-data; boundary=${BOUNDARY}` };

function send(path: string, parts: readonly Buffer[], headers: Record<string, string> = TYPE): Promise<Answer> {
  return fixture.call(path, { body: Buffer.concat(parts), headers });
}

const transcribe = (...parts: Buffer[]): Promise<Answer> => send('/v1/audio/transcriptions', [...parts, END]);

function usageOf(answer: Answer): Promise<UsageRecorded> {
  const id = answer.headers['x-ecolink-request-id'];
  return waitFor(() => fixture.plane.usage.find((usage) => usage.request_id === id), { timeoutMs: 20_000, what: 'usage' });
}

describe('a form', () => {
  it.each([
    ['before the file', (model: Buffer, sound: Buffer) => [model, field('unknown', 'kept'), sound]],
    ['after the file', (model: Buffer, sound: Buffer) => [sound, field('unknown', 'kept'), model]],
  ])('whose model stands %s reaches the pod as it was sent, but for that value', async (_where, order) => {
    const answer = await transcribe(...order(field('model', 'my-whisper:1'), file(WAV)));
    expect([answer.status, answer.text]).toEqual([200, '{"text":"hello"}']);
    const expected = Buffer.concat([...order(field('model', 'openai/whisper'), file(WAV)), END]);
    expect(mv.seen.at(-1)?.body).toBe(expected.toString('latin1'));
    expect(mv.seen.at(-1)?.headers).toMatchObject({ ...TYPE, 'content-length': String(expected.length) });
    expect((await usageOf(answer)).units).toEqual({ requests: 1, audio_milliseconds: 2_000 });
  });

  it('of several megabytes streams through, and the length that the pod reports is billed', async () => {
    mv.answer = (response) =>
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end('{"text":"x","usage":{"type":"duration","seconds":12.5}}');
    const parts = [field('model', 'my-whisper:1'), file(Buffer.alloc(5 * MIB, 7)), END];
    const answer = await send('/v1/audio/translations', parts);
    expect(answer.status).toBe(200);
    expect(mv.seen.at(-1)).toMatchObject({ path: '/v1/audio/translations' });
    expect(mv.seen.at(-1)?.body.length).toBe(Buffer.concat(parts).length + 'openai/whisper'.length - 'my-whisper:1'.length);
    expect(await usageOf(answer)).toMatchObject({ units: { audio_milliseconds: 12_500 }, estimated: false });
  });

  it('with a file of no bytes is the pod’s to judge', async () => {
    mv.answer = answerStatus(400);
    const answer = await transcribe(field('model', 'my-whisper:1'), file(Buffer.alloc(0)));
    expect([answer.status, answer.text]).toEqual([400, '{"error":{"message":"400"}}']);
  });

  it('that is short moves on to another region, and one that has left does not', async () => {
    mv.answer = ga.answer = answerNeverSent;
    const [before, short] = [mv.seen.length + ga.seen.length, await transcribe(field('model', 'my-whisper:4'), file(WAV))];
    expect(short.status).toBe(503);
    expect(mv.seen.length + ga.seen.length - before).toBe(2);
    mv.answer = ga.answer = answerStatus(500);
    const long = await transcribe(field('model', 'my-whisper:4'), file(Buffer.alloc(3 * MIB)));
    expect(long.status).toBe(500);
    expect(mv.seen.length + ga.seen.length - before).toBe(3);
  });

  it('pays for images by the images that come back', async () => {
    mv.answer = (response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{"data":[{"b64_json":"aa"}]}');
    const answer = await send('/v1/images/edits', [
      field('prompt', 'a cat'),
      file(WAV, 'image[]'),
      field('model', 'my-painter:2'),
      END,
    ]);
    expect((await usageOf(answer)).units).toMatchObject({ images: 1, input_tokens: 2 });
  });
});

describe('a form that cannot be served', () => {
  const refusal = (answer: Answer): unknown[] => {
    const { error } = JSON.parse(answer.text) as { error: { code: string; param: string | null } };
    return [answer.status, error.code, error.param];
  };

  it('has no model', async () => {
    expect(refusal(await transcribe(file(WAV)))).toEqual([400, 'invalid_request', 'model']);
  });

  it('names it twice, also behind a long file', async () => {
    const model = field('model', 'my-whisper:1');
    expect(refusal(await transcribe(model, file(WAV), model))).toEqual([400, 'invalid_request', 'model']);
    expect(refusal(await transcribe(model, file(Buffer.alloc(3 * MIB)), model))).toEqual([400, 'invalid_request', 'model']);
  });

  it('names it behind 25 MiB', async () => {
    expect(refusal(await transcribe(file(Buffer.alloc(26 * MIB)), field('model', 'my-whisper:1')))).toEqual([
      413,
      'request_too_large',
      'model',
    ]);
  });

  it('is broken', async () => {
    expect(refusal(await send('/v1/audio/transcriptions', [file(WAV)]))).toEqual([400, 'invalid_request', null]);
    expect(refusal(await send('/v1/audio/transcriptions', [Buffer.from(`--${BOUNDARY}oops\r\n`), END]))).toEqual([
      400,
      'invalid_request',
      null,
    ]);
  });

  it('is no form', async () => {
    const json = { 'content-type': 'application/json' };
    expect(refusal(await send('/v1/audio/transcriptions', [Buffer.from('{"model":"my-whisper:1"}')], json))).toEqual([
      400,
      'invalid_request',
      null,
    ]);
  });

  it('is for a model of another category', async () => {
    expect(refusal(await transcribe(field('model', 'my-llama:3'), file(WAV)))).toEqual([400, 'wrong_category', 'model']);
  });
});

describe('/v1/audio/speech', () => {
  const speak = (body: Record<string, unknown> = {}): Promise<Answer> =>
    fixture.call('/v1/audio/speech', {
      body: JSON.stringify({ model: 'my-whisper:1', input: 'say this', voice: 'alloy', ...body }),
    });

  it('gives the pod’s bytes, and bills the sound and the text', async () => {
    mv.answer = (response) => response.writeHead(200, { 'content-type': 'audio/wav', 'content-length': WAV.length }).end(WAV);
    const answer = await speak();
    expect(answer.headers).toMatchObject({ 'content-type': 'audio/wav', 'content-length': String(WAV.length) });
    expect(answer.text).toBe(WAV.toString('utf8'));
    expect((await usageOf(answer)).units).toMatchObject({ input_tokens: 2, audio_milliseconds: 2_000 });
  });

  it('passes sound on while it is made', async () => {
    let finish = (): void => undefined;
    mv.answer = (response) => {
      response.writeHead(200, { 'content-type': 'audio/pcm' }).write(Buffer.alloc(24_000));
      finish = () => response.end(Buffer.alloc(24_000));
    };
    const response = await fixture.begin('/v1/audio/speech', { body: JSON.stringify({ model: 'my-whisper:1', input: 'x' }) });
    const first = await new Promise<Buffer>((resolve) => response.once('data', resolve));
    expect(first.length).toBeGreaterThan(0);
    finish();
    const rest = await new Promise<number>((resolve) => {
      let bytes = first.length;
      response.on('data', (chunk: Buffer) => (bytes += chunk.length)).on('end', () => resolve(bytes));
    });
    expect(rest).toBe(48_000);
    const { units } = await usageOf({ status: 200, headers: response.headers, text: '' });
    expect(units.audio_milliseconds).toBe(1_000);
  });

  it('does not pretend that a sound is whole which was cut', async () => {
    mv.answer = (response) => {
      response.writeHead(200, { 'content-type': 'audio/pcm' }).write(Buffer.alloc(4_800), () => response.destroy());
    };
    await expect(speak()).rejects.toThrow();
  });

  it('hands a pod’s error on as JSON', async () => {
    mv.answer = answerStatus(422);
    expect(await speak()).toMatchObject({ status: 422, text: '{"error":{"message":"422"}}' });
  });
});
