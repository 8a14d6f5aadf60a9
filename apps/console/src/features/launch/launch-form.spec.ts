import { launchInstance } from '@ecolink/contracts';
import { environmentOf, LAUNCH_EMPTY, launchBody } from './launch-form.js';

const gpu = { ...LAUNCH_EMPTY, modelId: 'mdl_1', gpu: 'L4' };

describe('the body of a launch', () => {
  it('is one that the server takes, for GPUs and for servers that already run', () => {
    const external = {
      ...LAUNCH_EMPTY,
      kind: 'external' as const,
      modelId: 'mdl_1',
      pods: [{ region: 'mv', url: ' http://10.0.0.5:8000 ', key: 'k' }],
    };
    for (const values of [
      gpu,
      { ...gpu, strategy: 'prefix' as const, regions: ['mv'], args: '--max-len\n4096', env: 'A=1\nB=x=y', singleRegion: true },
      external,
    ]) {
      expect(launchInstance.safeParse(launchBody(values)).success).toBe(true);
    }
  });

  it('is not there while something is missing', () => {
    expect(launchBody(LAUNCH_EMPTY)).toBeUndefined();
    expect(launchBody({ ...gpu, gpu: '' })).toBeUndefined();
    expect(launchBody({ ...gpu, compatible: false })).toBeUndefined();
    expect(launchBody({ ...gpu, kind: 'external' })).toBeUndefined();
    expect(launchBody({ ...gpu, env: 'no equals sign' })).toBeUndefined();
  });

  it('keeps an environment value whole, equals signs and spaces too', () => {
    expect(environmentOf('HF_HOME=/data\n\nFLAGS=--a=1 --b')).toEqual({ HF_HOME: '/data', FLAGS: '--a=1 --b' });
  });
});
