import { planGeneration } from './plan-generation.js';

const sampling = { tokensMax: undefined, stop: [], choices: 1, ignoreEnd: false };
const plan = (prompt: string, overrides = {}) => planGeneration([prompt], 3, 'm', { ...sampling, ...overrides });
const textOf = (prompt: string, overrides = {}) => plan(prompt, overrides).choices[0]?.pieces.join('');

describe('planGeneration', () => {
  it('is the same for the same input', () => {
    expect(plan('Hello')).toEqual(plan('Hello'));
  });

  it('says that it is simulated and repeats the message', () => {
    expect(textOf('What is  a\nledger?')).toMatch(/^I am EcoLink's simulated model.*"What is a ledger\?"/);
  });

  it('counts when asked to count', () => {
    expect(textOf('Count to 10')).toBe("EcoLink's simulated model counts to 10: 1, 2, 3, 4, 5, 6, 7, 8, 9, 10.");
  });

  it('produces at most the tokens allowed and says length', () => {
    expect(plan('Hello', { tokensMax: 5 })).toMatchObject({ completionTokens: 5, choices: [{ finishReason: 'length' }] });
  });

  it('says stop when the reply has exactly the tokens allowed', () => {
    const tokensMax = plan('Hello').completionTokens;
    expect(plan('Hello', { tokensMax }).choices[0]?.finishReason).toBe('stop');
  });

  it('ends before the earliest stop text and counts only what is left', () => {
    const stopped = plan('Count to 10', { stop: ['7', ', 5'] });
    expect(stopped.choices[0]?.pieces.join('')).toMatch(/: 1, 2, 3, 4$/);
    expect(stopped.completionTokens).toBe(stopped.choices[0]?.pieces.length);
    expect(stopped.choices[0]?.finishReason).toBe('stop');
  });

  it('does not see a stop text beyond the tokens allowed', () => {
    expect(plan('Count to 10', { stop: ['10.'], tokensMax: 4 }).choices[0]?.finishReason).toBe('length');
  });

  it('goes on to exactly max_tokens when told to ignore the end', () => {
    expect(plan('Hi', { ignoreEnd: true, tokensMax: 700 })).toMatchObject({
      completionTokens: 700,
      choices: [{ finishReason: 'length' }],
    });
  });

  it('numbers choices prompt by prompt', () => {
    const { choices } = planGeneration(['a', 'b'], 2, 'm', { ...sampling, choices: 2 });
    expect(choices.map((choice) => choice.index)).toEqual([0, 1, 2, 3]);
    expect(choices[2]?.pieces.join('')).toContain('"b"');
  });
});
