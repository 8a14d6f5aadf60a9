import { pricesFromDto } from '@ecolink/contracts';
import fc from 'fast-check';

/** Calls as clients may plan them, and a model of its own of what a pod can make of each; all prices here are by `PRICES`. */
export interface PlannedCall {
  readonly endpoint: string;
  readonly body: Record<string, unknown>;
  readonly router: number;
  /** How much of what a pod may make it makes: 1 is all of it. */
  readonly part: number;
  /** Which of the limits in the body its pod obeys. */
  readonly obeys: number;
  /** Calls that go on before the next one comes, and whether the routers hear of each other then. */
  readonly progress: number;
  readonly synchronises: boolean;
}

export const CONTEXT = 4_096;
const IMAGE_COST = 700;
const AUDIO_SECOND_COST = 1_000;
const REQUEST_COST = 3;
export const PRICES = pricesFromDto({
  input_nano_usd_per_1m_tokens: '1000000',
  output_nano_usd_per_1m_tokens: '2000000',
  nano_usd_per_image: String(IMAGE_COST),
  nano_usd_per_audio_second: String(AUDIO_SECOND_COST),
  nano_usd_per_request: String(REQUEST_COST),
});
/** Of a token. */
const INPUT_COST = 1;
const OUTPUT_COST = 2;
/** No pod makes more answers at once: it refuses the call, and bills its prompt. */
const ANSWERS_OF_A_POD = 1_000;
const SPOKEN_SECONDS_PER_TOKEN_MAX = 1.6;

const LIMITS = ['max_tokens', 'max_completion_tokens', 'max_output_tokens', 'n_predict'] as const;

const limit = fc.oneof(
  fc.integer({ min: 1, max: 3_000 }),
  fc.constantFrom<unknown>(0, -1, -1e18, 1.5, null, 'many', '2000', ' 17 ', '-5', true, 1e9, 1e18, '99999999999', {}, []),
);
const optional = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined });
const texts = fc.array(fc.string({ maxLength: 20 }), { maxLength: 8 });
const tokens = fc.array(fc.nat(9_999), { maxLength: 20 });
const prompt = fc.oneof(fc.string({ maxLength: 200 }), texts, tokens, fc.array(tokens, { minLength: 1, maxLength: 4 }));
const choices = optional(fc.oneof(fc.integer({ min: 1, max: 4 }), limit));
const common = {
  model: fc.constant('m'),
  max_tokens: optional(limit),
  max_completion_tokens: optional(limit),
  max_output_tokens: optional(limit),
  n_predict: optional(limit),
  n: choices,
  best_of: choices,
  stream: optional(fc.boolean()),
};
const messages = { ...common, messages: fc.array(fc.record({ content: fc.string({ maxLength: 300 }) })) };

/** Every endpoint that takes JSON, with the bodies it is meant for: what a client leaves out or adds is the same for all. */
const BODIES: Readonly<Record<string, fc.Arbitrary<Record<string, unknown>>>> = {
  '/v1/chat/completions': fc.record(messages),
  '/v1/completions': fc.record({ ...common, prompt }),
  '/v1/responses': fc.record({ ...common, input: prompt }),
  '/v1/messages': fc.record(messages),
  '/v1/messages/count_tokens': fc.record(messages),
  '/v1/embeddings': fc.record({ ...common, input: prompt }),
  '/v1/rerank': fc.record({ ...common, query: fc.string(), documents: texts }),
  '/v2/rerank': fc.record({ ...common, query: fc.string(), documents: texts }),
  '/v1/images/generations': fc.record({ ...common, prompt: fc.string({ maxLength: 200 }) }),
  '/v1/audio/speech': fc.record({ ...common, input: fc.string({ maxLength: 200 }) }),
};
export const PLANNED_ENDPOINTS: readonly string[] = Object.keys(BODIES);

export const plannedCall: fc.Arbitrary<PlannedCall> = fc
  // Answers of text are what can be made long: they come more often than the rest.
  .constantFrom(...PLANNED_ENDPOINTS, '/v1/chat/completions', '/v1/completions', '/v1/responses')
  .chain((endpoint) =>
    fc.record({
      endpoint: fc.constant(endpoint),
      body: BODIES[endpoint] ?? fc.constant({}),
      router: fc.nat(2),
      part: fc.constantFrom(0, 0.3, 1, 1, 1),
      obeys: fc.nat(3),
      progress: fc.nat(6),
      synchronises: fc.boolean(),
    }),
  );

const mixed = fc.array(plannedCall, { minLength: 1, maxLength: 200, size: 'max' });
/** The same call again and again, which is what tests a bound that goes by the dearest one. */
const burst = fc
  .tuple(plannedCall, fc.array(fc.tuple(fc.nat(2), fc.boolean(), fc.nat(2)), { minLength: 1, maxLength: 200, size: 'max' }))
  .map(([call, copies]) => copies.map(([router, synchronises, progress]) => ({ ...call, router, synchronises, progress })));

/** 1 to 200 calls of one account. */
export const plannedCalls: fc.Arbitrary<readonly PlannedCall[]> = fc.oneof(mixed, burst);

/** The most that a pod makes of a body when it obeys one of its limits, and none where that is none. */
export function outputOf({ body, obeys, endpoint }: PlannedCall): number {
  if (!makesTokens(endpoint)) return 0;
  const given = LIMITS.map((name) => asLimit(body[name])).filter((number) => number !== undefined);
  const ofOne = Math.min(given[obeys % Math.max(1, given.length)] ?? CONTEXT, CONTEXT);
  return ofOne * answersOf(body);
}

/** What a call costs that made so many tokens, and all else that it asked for. */
export function costOfCall({ body, endpoint }: PlannedCall, outputTokens: number): number {
  if (endpoint === '/v1/messages/count_tokens') return REQUEST_COST;
  const images = endpoint === '/v1/images/generations' ? answersOf(body) * IMAGE_COST : 0;
  const spoken = endpoint === '/v1/audio/speech' ? spokenCost(body) : 0;
  return REQUEST_COST + inputOf(body) * INPUT_COST + outputTokens * OUTPUT_COST + images + spoken;
}

/** What the call can cost at the most. */
export function worstCaseOf(call: PlannedCall): number {
  const given = LIMITS.map((name) => asLimit(call.body[name]) ?? 0);
  const largest = Math.max(...given);
  const ofOne = largest === 0 ? CONTEXT : Math.min(largest, CONTEXT);
  return costOfCall(call, makesTokens(call.endpoint) ? ofOne * answersOf(call.body) : 0);
}

/** Text and tools come from these. */
function makesTokens(endpoint: string): boolean {
  return ['/v1/chat/completions', '/v1/completions', '/v1/responses', '/v1/messages'].includes(endpoint);
}

function asLimit(value: unknown): number | undefined {
  const number = typeof value === 'string' ? Number(value) : value;
  return typeof number === 'number' && Number.isInteger(number) && number > 0 ? number : undefined;
}

function promptsOf(body: Record<string, unknown>): number {
  const given = body['prompt'] ?? body['input'];
  return Array.isArray(given) && given.length > 0 && typeof given[0] !== 'number' ? given.length : 1;
}

function answersOf(body: Record<string, unknown>): number {
  const answers = Math.max(asLimit(body['n']) ?? 1, asLimit(body['best_of']) ?? 1) * promptsOf(body);
  return answers <= ANSWERS_OF_A_POD ? answers : 0;
}

function inputOf(body: Record<string, unknown>): number {
  return Math.min(Buffer.byteLength(JSON.stringify(body)), CONTEXT * promptsOf(body));
}

/** The text at a quarter of its speed; a token is four bytes. */
function spokenCost(body: Record<string, unknown>): number {
  const bytes = typeof body['input'] === 'string' ? Buffer.byteLength(body['input']) : 0;
  return Math.floor((bytes / 4) * SPOKEN_SECONDS_PER_TOKEN_MAX * AUDIO_SECOND_COST);
}
