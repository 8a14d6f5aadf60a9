import { heldByInstance } from './summary.js';

const hold = (instance_id: number, hold_nano_usd: string, used_nano_usd: string) => ({
  instance_id,
  hold_nano_usd,
  used_nano_usd,
});

it('adds up what is left of every hold of an instance', () => {
  const held = heldByInstance([hold(142, '9600000000', '400000000'), hold(142, '100', '0'), hold(157, '7', '7')]);
  expect([...held]).toEqual([
    [142, { left: 9_200_000_100n, whole: 9_600_000_100n }],
    [157, { left: 0n, whole: 7n }],
  ]);
});
