import type { TestPod, TestPodResult } from '@ecolink/contracts';
import { Inject, Injectable } from '@nestjs/common';
import { Agent, request } from 'undici';
import { z } from 'zod';
import { type CheckedPodUrl, PodUrls } from './pod-urls.js';
import { CLOCK, type Clock, TEST_POD_DETAILS } from '../settings.js';
import { TakenPlaces } from './taken-places.js';
import { TestPodLimit } from './test-pod-limit.js';

const TIMEOUT_MS = 3_000;
const BODY_MAX_BYTES = 1_048_576;
const MODELS_MAX = 200;
const HEADERS_MAX_BYTES = 16_384;
/** For everything below HTTP, so that a network cannot be searched for what listens, is filtered or speaks something else. */
const NOT_REACHED = 'no HTTP answer came from there';

const modelList = z.object({ data: z.array(z.object({ id: z.string().max(512) })) });

type Answer =
  | { readonly kind: 'answer'; readonly status: number; readonly body: string }
  | { readonly kind: 'silence'; readonly problem: string };

type Get = (path: string) => Promise<Answer>;

/**
 * Tries a server as a pod would be probed. Connects only to addresses that were judged, whatever the name resolves to by
 * then, follows no redirect, and takes 3 s and 1 MiB at the most.
 */
@Injectable()
export class PodTester {
  private readonly limit: TestPodLimit;

  constructor(
    @Inject(PodUrls) private readonly podUrls: PodUrls,
    @Inject(TakenPlaces) private readonly takenPlaces: TakenPlaces,
    @Inject(TEST_POD_DETAILS) private readonly givesDetails: boolean,
    @Inject(CLOCK) clock: Clock,
  ) {
    this.limit = new TestPodLimit(clock);
  }

  async test(accountId: string, body: TestPod): Promise<TestPodResult> {
    this.limit.take(accountId);
    const checked = await this.podUrls.check(body.url, 'url');
    await this.takenPlaces.refuse(accountId, [{ param: 'url', target: checked }]);
    const agent = agentFor(checked);
    const deadline = AbortSignal.timeout(TIMEOUT_MS);
    const get: Get = (path) => getOnce(agent, `${checked.url}${path}`, body.api_key, deadline);
    try {
      const result = await examine(get, body.health_path);
      return result.reachable || this.givesDetails ? result : { ...result, problem: NOT_REACHED };
    } finally {
      await agent.destroy();
    }
  }
}

async function examine(get: Get, healthPath: string | undefined): Promise<TestPodResult> {
  const path = healthPath ?? '/health';
  const health = await get(path);
  if (health.kind === 'silence') return { reachable: false, models: [], problem: health.problem };
  const list = await get('/v1/models');
  const models = list.kind === 'answer' && list.status === 200 ? modelsOf(list.body) : [];
  const probed =
    healthPath === undefined && health.status === 404 ? { path: '/v1/models', answer: list } : { path, answer: health };
  // Servers leave their health path open to everybody; whether they take the key shows where they list their models.
  const refusesKey = list.kind === 'answer' && (list.status === 401 || list.status === 403);
  const judged = refusesKey ? { path: '/v1/models', answer: list } : probed;
  return { reachable: true, models, problem: problemOf(judged.path, judged.answer, healthPath !== undefined) };
}

function problemOf(path: string, answer: Answer, pathWasGiven: boolean): string | null {
  if (answer.kind === 'silence') return `GET ${path}: ${answer.problem}`;
  if (answer.status >= 200 && answer.status < 300) return null;
  if (answer.status === 401 || answer.status === 403)
    return `GET ${path} answers ${answer.status}: the api_key is missing or refused`;
  if (answer.status >= 300 && answer.status < 400)
    return `GET ${path} answers with a redirect (${answer.status}), which is not followed`;
  if (answer.status === 404 && !pathWasGiven) {
    return 'the server has neither /health nor /v1/models: fine for an instance that is not OpenAI-compatible, else give a health_path';
  }
  return `GET ${path} answers ${answer.status}`;
}

function modelsOf(body: string): string[] {
  try {
    return modelList
      .parse(JSON.parse(body))
      .data.slice(0, MODELS_MAX)
      .map((model) => model.id);
  } catch {
    return [];
  }
}

/** Names are not resolved again: the connection goes to an address that was judged. */
function agentFor(checked: CheckedPodUrl): Agent {
  const [first] = checked.addresses;
  if (first === undefined) throw new Error('a checked URL has an address');
  return new Agent({
    maxHeaderSize: HEADERS_MAX_BYTES,
    connect: {
      timeout: TIMEOUT_MS,
      lookup: (_hostname, options, callback) => {
        if (options.all === true) callback(null, [...checked.addresses]);
        else callback(null, first.address, first.family);
      },
    },
  });
}

async function getOnce(dispatcher: Agent, url: string, apiKey: string | undefined, signal: AbortSignal): Promise<Answer> {
  try {
    const headers = { accept: 'application/json', ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }) };
    const answer = await request(url, { dispatcher, headers, signal });
    let body = '';
    let bytes = 0;
    for await (const chunk of answer.body as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > BODY_MAX_BYTES) {
        answer.body.destroy();
        break;
      }
      body += chunk.toString('utf8');
    }
    return { kind: 'answer', status: answer.statusCode, body };
  } catch (error) {
    return { kind: 'silence', problem: silenceOf(error) };
  }
}

function silenceOf(error: unknown): string {
  const { name, code } = error as { name?: string; code?: string };
  if (name === 'TimeoutError' || name === 'AbortError' || code === 'UND_ERR_CONNECT_TIMEOUT')
    return `no answer within ${TIMEOUT_MS / 1_000} s`;
  if (code === 'ECONNREFUSED') return 'the connection is refused: nothing listens there';
  if (code === 'ECONNRESET' || code === 'UND_ERR_SOCKET') return 'the connection was closed before an answer came';
  if (code === 'EHOSTUNREACH' || code === 'ENETUNREACH') return 'the host cannot be reached from here';
  return `the server does not speak HTTP as expected (${code ?? name ?? 'unknown error'})`;
}
