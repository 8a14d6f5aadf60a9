import { readConfig, SETTING_NAMES } from './config.js';

const COMPLETE = {
  DATABASE_URL: 'postgresql://x',
  ECOLINK_INTERNAL_SECRET: 'a-secret-of-16-characters',
  ECOLINK_ADMIN_TOKENS: 'alice=token-of-alice-16,bob=token-of-bob-1234',
};

describe('readConfig', () => {
  it('names every operator by the token', () => {
    const { adminTokens, settings } = readConfig({ ...COMPLETE, ECOLINK_PUBLIC_URL: 'https://llm.example.com' });
    expect(Object.fromEntries(adminTokens)).toEqual({ 'token-of-alice-16': 'alice', 'token-of-bob-1234': 'bob' });
    expect(settings).toMatchObject({ signupBonusNanoUsd: 1_000_000_000n, secureCookies: true });
  });

  it('takes a variable that is there and empty for one that is not', () => {
    const empty = Object.fromEntries(SETTING_NAMES.map((name) => [name, '']));
    expect(readConfig({ ...COMPLETE, ...empty }).settings).toEqual(readConfig(COMPLETE).settings);
    const mail = { ECOLINK_SMTP_URL: 'smtp://mail.example:587', ECOLINK_SIGNUP: 'open' };
    expect(readConfig({ ...COMPLETE, ...empty, ...mail }).settings).toMatchObject({
      smtpUrl: 'smtp://mail.example:587',
      signupMode: 'open',
    });
    expect(() => readConfig({ ...COMPLETE, DATABASE_URL: '' })).toThrow('DATABASE_URL');
  });

  it.each(['DATABASE_URL', 'ECOLINK_INTERNAL_SECRET', 'ECOLINK_ADMIN_TOKENS'])('does not start without %s', (name) => {
    expect(() => readConfig({ ...COMPLETE, [name]: undefined })).toThrow(name);
  });

  it.each(['=token-of-nobody-16', 'alice=short', 'token-without-a-name'])('refuses the operators %j', (tokens) => {
    expect(() => readConfig({ ...COMPLETE, ECOLINK_ADMIN_TOKENS: tokens })).toThrow('ECOLINK_ADMIN_TOKENS');
  });
});
