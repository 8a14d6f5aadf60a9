import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ClientsFixture, startClientsFixture } from '../clients/support/clients-fixture.js';
import { type ClientReport, type ClientRun, installClients, runClient } from './support/run-client.js';

/** The first run fetches 230 MB. */
const SETUP_TIMEOUT_MS = 10 * 60_000;
/** Some checks wait out a limit of a minute. */
const RUN_TIMEOUT_MS = 6 * 60_000;
const PYTHON_CHECKS = fileURLToPath(new URL('../../../../tools/clients/python/checks.py', import.meta.url));

/** What each client must have shown: a check that is not told is one that did not run. */
const CHECKS: Readonly<Record<string, readonly string[]>> = {
  'openai.mjs': [
    'runs tools until the model answers in words',
    'parses an answer into the type that was asked for, streamed too',
    'takes several choices, stops where told, and reads log probabilities',
    'embeds in the form that was asked for: base64 goes to the pod as it is',
    'uploads a file and streams what is written of it',
    'is told that a stored response is not there',
    'waits out its limit',
    'tries again while no pod is there',
  ],
  'anthropic.mjs': [
    'chats, whole and streamed by its helper',
    'counts tokens',
    'calls a tool and gives back its result',
    'thinks first where it is asked to',
    'throws its own types',
    'waits out its limit',
    'tries again while no pod is there',
  ],
  'langchain.mjs': [
    'invokes and streams, with the same text and the usage',
    'pipes a prompt into a model, in batches too',
    'calls bound tools, several at once, and takes their results',
    'streams the calls of tools',
    'gives structured output, by schema and by a tool',
    'uses the API of responses',
    'embeds documents and queries',
    'throws what it throws for OpenAI',
  ],
  'ai-sdk.mjs': [
    'generates and streams text over each of its APIs',
    'runs several tools at once and goes on with their results',
    'streams the calls of tools',
    'gives objects of a schema, whole and in growing parts',
    'tells thoughts from words',
    'embeds many',
    'paints, speaks and writes down',
    'throws what it throws for OpenAI',
    'tries again while no pod is there',
  ],
  'cohere.mjs': [
    'reranks over its first API, with the documents where they are wanted',
    'reranks over its second API',
    'throws its own types',
  ],
  'checks.py': [
    'chats whole and streamed',
    'calls tools',
    'parses structured output',
    'makes responses',
    'completes',
    'embeds',
    'lists models',
    'paints and edits',
    'speaks and writes down',
    'throws its own types',
    'waits out its limit',
    'tries again while no pod is there',
  ],
};

let fixture: ClientsFixture;
let nodeDirectory: string;
let python: string;

beforeAll(async () => {
  const [started, installed] = await Promise.all([startClientsFixture(), installClients()]);
  fixture = started;
  ({ nodeDirectory, python } = installed);
}, SETUP_TIMEOUT_MS);

afterAll(() => fixture?.close());

// One after the other: the pod that comes back is the same for all.
describe.each(Object.entries(CHECKS))('%s', (script, checks) => {
  let report: ClientReport;

  beforeAll(async () => {
    report = await runClient(runOf(script));
  }, RUN_TIMEOUT_MS);

  it.each(checks)('%s', (check) => {
    expect(report.has(check)).toBe(true);
    expect(report.get(check)).toBeUndefined();
  });

  it('does nothing that is not listed here', () => {
    expect([...report.keys()].filter((check) => !checks.includes(check))).toEqual([]);
  });
});

function runOf(script: string): ClientRun {
  const isPython = script.endsWith('.py');
  return {
    command: isPython ? python : process.execPath,
    args: [isPython ? PYTHON_CHECKS : path.join(nodeDirectory, script)],
    env: {
      ECOLINK_URL: fixture.url,
      ECOLINK_KEY: fixture.key,
      ECOLINK_POOR_KEY: fixture.poorKey,
      ECOLINK_SLOW_KEY: fixture.slowKeyOf(`acc_slow_${script.replace(/\W/g, '_')}`),
    },
    onAsk: (what) => fixture.healPodless(what === 'heal'),
  };
}
