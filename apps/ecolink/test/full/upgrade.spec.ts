import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { CallView, ListPage } from '@ecolink/contracts';
import { type Answer, mustSucceed, type ProductClient, waitFor } from '@ecolink/testing';
import { buildPrevious, type PreviousBuild } from './support/previous-build.js';
import { CLUSTER_TIMEOUT_MS, RunningCluster } from './support/running-cluster.js';

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));
/** The commit that is upgraded from. */
const REVISION = process.env['ECOLINK_UPGRADE_FROM'] ?? 'HEAD~1';
const CLIENTS = 6;
const PAUSE_MS = 50;
/** By then everybody knows that pods were away, and does not take them for healthy any more. */
const NOTICED_MS = 6_000;
const WHOLE_TIMEOUT_MS = 60_000;
const TEST_TIMEOUT_MS = 600_000;

interface EndedCall {
  readonly requestId: string;
  readonly problem: string | undefined;
}

let previous: PreviousBuild;
let cluster: RunningCluster;
let product: ProductClient;

beforeAll(async () => {
  previous = await buildPrevious(ROOT, REVISION);
  cluster = await RunningCluster.start({ routers: 3, brokers: 1, root: previous.root });
  product = cluster.client();
}, CLUSTER_TIMEOUT_MS);

afterAll(async () => {
  await cluster?.remove();
  await previous?.remove();
}, CLUSTER_TIMEOUT_MS);

/** Streaming and other calls through the edge, until told to stop. */
class Load {
  readonly calls: EndedCall[] = [];
  private isStopped = false;
  private readonly clients: Promise<void>[];

  constructor(
    private readonly client: ProductClient,
    private readonly model: string,
  ) {
    this.clients = Array.from({ length: CLIENTS }, (_unused, index) => this.run(index));
  }

  async stop(): Promise<readonly EndedCall[]> {
    this.isStopped = true;
    await Promise.all(this.clients);
    return this.calls;
  }

  private async run(index: number): Promise<void> {
    for (let call = index; !this.isStopped; call += 1) {
      this.calls.push(await this.call(call % 2 === 0, 3 + (call % 20)));
      await delay(PAUSE_MS);
    }
  }

  private async call(stream: boolean, maxTokens: number): Promise<EndedCall> {
    try {
      const { status, headers, text } = await this.client.request('/v1/chat/completions', {
        body: { model: this.model, stream, max_tokens: maxTokens, messages: [{ role: 'user', content: 'Hello' }] },
      });
      const isWhole = status === 200 && (stream ? text.trimEnd().endsWith('data: [DONE]') : text.endsWith('}'));
      return {
        requestId: headers.get('x-ecolink-request-id') ?? '',
        problem: isWhole ? undefined : `${status} ${text.slice(-200)}`,
      };
    } catch (error) {
      return { requestId: '', problem: String((error as Error).cause ?? error) };
    }
  }
}

/** Until every pod of the instance is healthy: the next part may go when this one serves again. */
async function untilWhole(instanceId: string): Promise<void> {
  await waitFor(
    async () => {
      const answer = await product.management('GET', `/instances/${instanceId}`).catch(() => undefined);
      const deployments: { pods: { healthy: boolean }[] }[] = answer?.status === 200 ? answer.body.deployments : [];
      return deployments.length > 1 && deployments.every(({ pods }) => pods.length > 0 && pods.every((pod) => pod.healthy));
    },
    { timeoutMs: WHOLE_TIMEOUT_MS, intervalMs: 200, what: 'every pod to be healthy' },
  );
}

/** How often each of the account's calls is billed, by request id. */
async function billed(): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  let page: ListPage<CallView>;
  let after = '';
  do {
    const { body } = await mustSucceed(patiently(() => product.management('GET', `/billing/calls?limit=100${after}`)));
    page = body;
    for (const { request_id: id } of page.data) counts.set(id, (counts.get(id) ?? 0) + 1);
    after = `&after=${page.last_id ?? ''}`;
  } while (page.has_more);
  return counts;
}

/** There are more calls to look at than an account may ask for in a minute. */
async function patiently(ask: () => Promise<Answer>): Promise<Answer> {
  const answer = await ask();
  if (answer.status !== 429) return answer;
  await delay(Number(answer.headers.get('retry-after')) * 1_000);
  return ask();
}

describe('a product that is upgraded one service after the other', () => {
  it(
    'fails no call and bills every one once, while both builds run side by side, and when a router goes back',
    async () => {
      const [model = ''] = product.credentials.models;
      const instanceId = model.split(':').at(-1) ?? '';
      const load = new Load(product, model);
      const services = ['auth-billing', 'instance-registry', 'health-checker', 'gateway-mv', 'gateway-ga'];
      for (const name of [...services, 'router-1', 'router-2', 'router-3']) {
        await cluster.runFrom(ROOT, 'restart', name);
        await delay(NOTICED_MS);
        await untilWhole(instanceId);
      }
      await cluster.runFrom(previous.root, 'restart', 'router-2');
      await delay(NOTICED_MS);
      await untilWhole(instanceId);
      const calls = await load.stop();
      console.log(
        `${calls.length} calls while ${previous.commit.slice(0, 7)} was upgraded, ${calls.filter(({ problem }) => problem).length} failed`,
      );
      expect(calls.flatMap(({ problem }) => problem ?? [])).toEqual([]);
      expect(calls.length).toBeGreaterThan(100);
      const ids = calls.map(({ requestId }) => requestId);
      await waitFor(
        async () => {
          const counts = await billed();
          return ids.every((id) => counts.has(id));
        },
        { timeoutMs: 30_000, intervalMs: 2_000, what: 'every call in the ledger' },
      );
      const counts = await billed();
      expect(ids.filter((id) => counts.get(id) !== 1)).toEqual([]);
      const { body } = await mustSucceed(product.admin('GET', '/ledger/trial-balance'));
      expect(body).toMatchObject({ balanced: true, total_nano_usd: '0', problems: [] });
    },
    TEST_TIMEOUT_MS,
  );
});
