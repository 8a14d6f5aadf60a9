import { Progress } from './progress.js';

describe('the progress of a start', () => {
  it('names each step with the seconds so far, and what a long one waits for', async () => {
    const lines: string[] = [];
    const progress = new Progress((text) => lines.push(text), 5);
    let isSaid: () => void = () => undefined;
    const said = new Promise<void>((resolve) => (isSaid = resolve));
    const result = await progress.step(
      'starting the services',
      () => said.then(() => 'done'),
      () => {
        if (lines.length > 2) isSaid();
        return 'router';
      },
    );
    expect(result).toBe('done');
    expect(lines[0]).toMatch(/^\[\d+\.\d s\] starting the services…$/);
    expect(lines[1]).toMatch(/^\[\d+\.\d s\] still starting the services, for \d+ s; waiting for router$/);
    const count = lines.length;
    progress.say('over');
    expect(lines.slice(count)).toEqual([expect.stringMatching(/^\[\d+\.\d s\] over$/)]);
  });

  it('fails as the step does', async () => {
    await expect(new Progress(() => undefined).step('x', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  });
});
