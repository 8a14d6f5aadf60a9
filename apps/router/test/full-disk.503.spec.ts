import { rmSync, statfsSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { mountSmallFileSystem, waitFor } from '@ecolink/testing';
import { RouterFixture, type StubGateway } from './support/router-fixture.js';

const MIB = 1_048_576;
const END = 'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n';
const small = mountSmallFileSystem(8 * MIB);
const onSmallDisk = small === undefined ? it.skip : it;

let fixture: RouterFixture;
let gateway: StubGateway;
let model: string;

beforeAll(async () => {
  fixture = await RouterFixture.start({}, small?.directory);
  gateway = await fixture.addRegion('mv');
  model = fixture.addInstance(1, ['mv']);
});

afterAll(async () => {
  await fixture.close();
  small?.remove();
});

const idOf = (answer: { headers: NodeJS.Dict<string | string[]> }) => String(answer.headers['x-ecolink-request-id']);
const readyz = async (): Promise<string> => (await fixture.call('/readyz')).text;

describe('a router whose disk is full', () => {
  onSmallDisk('records every call that it serves, refuses the rest, says so, and serves again when there is room', async () => {
    const disk = small?.directory ?? '';
    const { answer: answersAtOnce } = gateway;
    const pods: ServerResponse[] = [];
    gateway.answer = (response) => {
      pods.push(response);
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: {"choices":[{"delta":{"content":"a"}}]}\n\n');
    };
    const body = JSON.stringify({ model, stream: true, messages: [] });
    const underWay = await Promise.all([1, 2, 3].map(() => fixture.begin('/v1/chat/completions', { body })));
    gateway.answer = answersAtOnce;
    const served = [idOf(await fixture.chat(model)), ...underWay.map(idOf)];

    const { bavail, bsize } = statfsSync(disk);
    writeFileSync(path.join(disk, 'filler'), Buffer.alloc(bavail * bsize));
    const refused = await waitFor(
      async () => {
        const answer = await fixture.chat(model);
        if (answer.status === 200) served.push(idOf(answer));
        return answer.status === 200 ? undefined : answer;
      },
      { timeoutMs: 30_000, what: 'a call to be refused' },
    );
    expect(refused).toMatchObject({ status: 503, headers: { 'retry-after': '5' } });
    expect(JSON.parse(refused.text).error.code).toBe('usage_journal_full');
    expect(await readyz()).toContain('the journal cannot be written (Error: ENOSPC');
    for (const pod of pods) pod.end(END);
    const texts = await Promise.all(underWay.map(async (response) => (await buffer(response)).toString()));
    expect(texts.every((text) => text.includes('[DONE]'))).toBe(true);

    rmSync(path.join(disk, 'filler'));
    const again = await waitFor(
      async () => {
        const answer = await fixture.chat(model);
        return answer.status === 200 ? answer : undefined;
      },
      { timeoutMs: 30_000, what: 'calls to be served again' },
    );
    served.push(idOf(again));
    expect(await readyz()).not.toContain('ENOSPC');
    await waitFor(() => fixture.plane.usage.length >= served.length, { timeoutMs: 30_000, what: 'all usage' });
    expect(fixture.plane.usage.map((usage) => usage.request_id).sort()).toEqual(served.sort());
  });
});
