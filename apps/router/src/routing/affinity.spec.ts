import type { PickingStrategy } from '@ecolink/contracts';
import { parseInferenceBody } from '../apis/body/parse-inference-body.js';
import { affinityOf, placingHeaders } from './affinity.js';

const turn = (role: string, content: string): object => ({ role, content });
const SYSTEM = turn('system', 'You help.');

function placed(body: object, over: { strategy?: PickingStrategy; accountId?: string; headers?: string[] } = {}) {
  const parsed = parseInferenceBody(Buffer.from(JSON.stringify({ model: 'm:7', ...body })));
  if (parsed.kind !== 'body') throw new Error(parsed.refusal.message);
  return { strategy: 'prefix' as const, accountId: 'acc_1', instanceId: 7, headers: [], body: parsed.body, ...over };
}

describe('prefix', () => {
  const first = [SYSTEM, turn('user', 'Who was Ada?')];

  it('is the same in every turn of a conversation, however far it has come', () => {
    const later = [...first, turn('assistant', 'A mathematician.'), turn('user', 'And Grace?')];
    const muchLater = [...later, turn('assistant', 'x'.repeat(100_000)), turn('user', 'Go on')];
    const of = (messages: object[]): string | undefined => affinityOf(placed({ messages, stream: true }));
    expect(of(first)).toMatch(/^[0-9a-f]{16}$/);
    expect(of(later)).toBe(of(first));
    expect(of(muchLater)).toBe(of(first));
  });

  it('tells conversations, accounts and instances apart', () => {
    const all = [
      placed({ messages: first }),
      placed({ messages: [SYSTEM, turn('user', 'Who was Grace?')] }),
      placed({ messages: first, system: 'Be brief.' }),
      placed({ messages: first }, { accountId: 'acc_2' }),
      { ...placed({ messages: first }), instanceId: 8 },
    ];
    expect(new Set(all.map(affinityOf)).size).toBe(all.length);
  });

  it('goes by no more than the first 4 KB', () => {
    const long = turn('system', 'y'.repeat(5_000));
    const of = (question: string): string | undefined => affinityOf(placed({ messages: [long, turn('user', question)] }));
    expect(of('one')).toBe(of('two'));
  });

  it.each([
    ['a prompt', { prompt: 'Once upon a time' }, { prompt: 'Twice' }],
    ['an input', { input: 'Hello' }, { input: 'Bye' }],
    ['items', { input: [turn('user', 'Hello')] }, { input: [turn('user', 'Bye')] }],
    ['instructions', { instructions: 'a', input: 'Hello' }, { instructions: 'b', input: 'Hello' }],
    [
      'parts of content',
      { messages: [{ role: 'user', content: [{ type: 'text', text: 'a' }] }] },
      { messages: [turn('user', 'a')] },
    ],
  ])('reads %s', (_what, one, other) => {
    expect(affinityOf(placed(one))).not.toBe(affinityOf(placed(other)));
  });

  it.each([[{ messages: [] }], [{ messages: 'no list' }], [{ messages: [1, [], '['] }], [{}]])(
    'stands odd bodies, which are the pod’s to refuse: %j',
    (body) => {
      expect(() => affinityOf(placed(body))).not.toThrow();
    },
  );
});

describe('session', () => {
  const session = (body: object, headers: string[] = []): string | undefined =>
    affinityOf(placed({ messages: [], ...body }, { strategy: 'session', headers }));

  it('goes by the header, then by prompt_cache_key, then by user', () => {
    const all = { user: 'u', prompt_cache_key: 'k' };
    expect(session(all, ['X-Session-Id', 's'])).toBe(session({}, ['x-session-id', 's']));
    expect(session(all)).toBe(session({ prompt_cache_key: 'k', messages: [SYSTEM] }));
    expect(session({ user: 'u' })).not.toBe(session({ user: 'v' }));
  });

  it('is none where the client says nothing', () => {
    expect([session({}), session({ user: '' }), session({ user: 7 })]).toEqual([undefined, undefined, undefined]);
  });
});

describe('what the gateway is told', () => {
  it('is nothing where pods take turns', () => {
    expect(placingHeaders(placed({ messages: [SYSTEM] }, { strategy: 'round_robin' }))).toEqual([]);
  });

  it('is how many tokens the call may keep a pod busy with: its prompt, and the answer it allows', () => {
    const of = (body: object): string[] => placingHeaders(placed(body, { strategy: 'least_outstanding' }));
    expect(of({ prompt: 'x'.repeat(400), max_tokens: 50 })).toEqual(['x-ecolink-call-tokens', '150']);
    expect(of({ prompt: 'x'.repeat(400) })).toEqual(['x-ecolink-call-tokens', '356']);
    expect(of({ prompt: 'x'.repeat(400), max_tokens: 1e6 })).toEqual(['x-ecolink-call-tokens', '4196']);
  });
});
