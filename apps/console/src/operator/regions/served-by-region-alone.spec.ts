import { servedByRegionAlone } from './served-by-region-alone.js';

const instance = (model: string, regions: string[], state = 'running') => ({ model, state, regions });

it('names the instances that would lose their last active region', () => {
  const instances = [
    instance('alone:1', ['mv']),
    instance('both:2', ['mv', 'fra']),
    instance('other-is-draining:3', ['mv', 'osl']),
    instance('elsewhere:4', ['fra']),
    instance('stopped:5', ['mv'], 'stopped'),
    instance('starting:6', ['mv'], 'starting'),
  ];
  expect(servedByRegionAlone(instances, 'mv', ['mv', 'fra'])).toEqual(['alone:1', 'other-is-draining:3', 'starting:6']);
});
