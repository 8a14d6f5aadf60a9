import { bodyOf, keyErrors, NEW_KEY, validateKey } from './key-form.js';

const NOW = Date.parse('2026-11-30T12:00:00Z');

describe('the form of a key', () => {
  it('sends null for an allow list without a ticked limit, and an empty list for a ticked one without entries', () => {
    expect(bodyOf({ ...NEW_KEY, name: 'ci' }, NOW).allow).toBeNull();
    expect(bodyOf({ ...NEW_KEY, name: 'ci', models: [] }, NOW).allow).toEqual({ models: [] });
  });

  it('takes an instance by its number or by its id with the name', () => {
    expect(bodyOf({ ...NEW_KEY, instances: ['142', 'my-llama:157'] }, NOW).allow).toEqual({ instances: [142, 157] });
    expect(validateKey({ ...NEW_KEY, name: 'ci', instances: ['my-llama'] })).toHaveProperty('instances');
  });

  it('leaves the expiry out where it is kept, and counts days from now', () => {
    expect(bodyOf({ ...NEW_KEY, expiry: 'keep' }, NOW)).not.toHaveProperty('expires_at');
    expect(bodyOf({ ...NEW_KEY, expiry: '7' }, NOW).expires_at).toBe('2026-12-07T12:00:00.000Z');
    expect(bodyOf({ ...NEW_KEY, expiry: 'date', date: '2026-12-31' }, NOW).expires_at).toBe('2026-12-31T23:59:59Z');
    expect(validateKey({ ...NEW_KEY, name: 'ci', expiry: 'date' })).toHaveProperty('expiry');
  });

  it('shows a refusal of an entry at its list', () => {
    expect(keyErrors({ param: 'allow.networks[0]', message: 'is no network' })).toEqual({ networks: 'Is no network.' });
  });
});
