import type { ServerResponse } from 'node:http';
import { FairTurns } from '@ecolink/proxy';
import type { AnswerSink, UpstreamAnswer } from '../upstream/upstream.js';
import { PacedAnswer, type PacedSink } from './paced-answer.js';

const UNITS = { unitsPerHolder: 100, unitsInAll: 200 };

/** Streams of pods under the hands of a test, and what their sinks got in each turn of the event loop. */
function bed() {
  const scheduled: (() => void)[] = [];
  const turns = new FairTurns({ ...UNITS, schedule: (run) => scheduled.push(run) });
  const got: string[] = [];
  const open = (account: string, unitsOfPiece: number) => {
    const share = turns.enter(account);
    const drains: (() => void)[] = [];
    const stream = { isPaused: false, sink: undefined as AnswerSink | undefined };
    const answer = {
      consume: (sink: AnswerSink) => (stream.sink = sink),
      pause: () => (stream.isPaused = true),
      resume: () => (stream.isPaused = false),
    } as unknown as UpstreamAnswer;
    const sink: PacedSink = {
      onData: (chunk) => {
        got.push(`${account}:${chunk.toString()}`);
        share.spend(unitsOfPiece);
        return true;
      },
      onMore: () => true,
      onEnd: () => got.push(`${account}:end`),
      onError: (why) => got.push(`${account}:${why}`),
    };
    const response = { once: (_name: string, drained: () => void) => drains.push(drained) } as unknown as ServerResponse;
    const paced = new PacedAnswer(answer, sink, response, share);
    paced.begin();
    const drain = (): void => drains.splice(0).forEach((drained) => drained());
    return { stream, paced, drain, send: (text: string) => stream.sink?.onData(Buffer.from(text)) };
  };
  const nextTurn = (): void => scheduled.splice(0).forEach((run) => run());
  return { open, got, nextTurn };
}

describe('PacedAnswer', () => {
  it('holds the pod of an account that has had its part of the turn, and goes on in order in the next', () => {
    const { open, got, nextTurn } = bed();
    const loud = open('loud', 60);
    for (const text of ['1', '2', '3']) loud.send(text);
    expect([got, loud.stream.isPaused]).toEqual([['loud:1', 'loud:2'], true]);
    loud.stream.sink?.onEnd();
    nextTurn();
    expect(got).toEqual(['loud:1', 'loud:2', 'loud:3', 'loud:end']);
  });

  it('lets the small pieces of others pass at once meanwhile', () => {
    const { open, got } = bed();
    const loud = ['a', 'b', 'c'].map((account) => open(account, 100));
    for (const { send } of loud) {
      send('1');
      send('2');
    }
    open('quiet', 1).send('now');
    expect(got).toContain('quiet:now');
    expect(got.filter((one) => one.endsWith(':2'))).toEqual([]);
  });

  it('lets the streams of one account take turns', () => {
    const { open, got, nextTurn } = bed();
    const [first, second] = [open('a', 100), open('a', 100)];
    for (const text of ['1', '2', '3']) first.send(text);
    second.send('only');
    nextTurn();
    nextTurn();
    expect(got.slice(0, 3)).toEqual(['a:1', 'a:2', 'a:only']);
  });

  it('lets the pod go on only when the client has taken what was written, whatever the turns', () => {
    const { open, nextTurn } = bed();
    const one = open('a', 100);
    one.send('1');
    one.send('2');
    one.paced.waitForClient();
    nextTurn();
    nextTurn();
    expect(one.stream.isPaused).toBe(true);
    one.drain();
    expect(one.stream.isPaused).toBe(false);
  });

  it('tells nothing after its end, and a cut only after what came before it', () => {
    const { open, got, nextTurn } = bed();
    const cut = open('a', 100);
    cut.send('1');
    cut.send('2');
    cut.stream.sink?.onError('lost');
    const ended = open('b', 100);
    ended.send('1');
    ended.send('2');
    ended.paced.end();
    nextTurn();
    nextTurn();
    expect(got.filter((one) => one !== 'b:1')).toEqual(['a:1', 'a:2', 'a:lost']);
  });
});
