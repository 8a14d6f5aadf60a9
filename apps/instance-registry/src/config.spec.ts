import { readConfig } from './config.js';

const complete = {
  DATABASE_URL: 'postgresql://localhost/ecolink',
  ECOLINK_INTERNAL_SECRET: 'an-internal-secret',
  ECOLINK_ADMIN_TOKENS: 'alice=token-of-alice-1234,bob=token-of-bob-12345',
  ECOLINK_AUTH_BILLING_URL: 'http://127.0.0.1:4001',
  ECOLINK_POD_NETWORKS: '127.0.0.0/8, 10.0.0.0/8',
  ECOLINK_OWN_PORTS: '8080,8081',
  ECOLINK_ENCRYPTION_KEY: 'ab'.repeat(32),
};

describe('readConfig', () => {
  it('reads what the service is started with', () => {
    const read = readConfig(complete);
    expect(read.adminTokens.get('token-of-bob-12345')).toBe('bob');
    expect(read.podNetworks).toEqual(['127.0.0.0/8', '10.0.0.0/8']);
    expect(read.ownPorts).toEqual([8080, 8081]);
    expect(read.encryptionKey).toHaveLength(32);
  });

  it('allows no pods anywhere unless networks are named', () => {
    expect(readConfig({ ...complete, ECOLINK_POD_NETWORKS: undefined }).podNetworks).toEqual([]);
  });

  it.each(['DATABASE_URL', 'ECOLINK_INTERNAL_SECRET', 'ECOLINK_AUTH_BILLING_URL', 'ECOLINK_ENCRYPTION_KEY'])(
    'does not start without %s',
    (name) => {
      expect(() => readConfig({ ...complete, [name]: undefined })).toThrow(name);
    },
  );

  it('refuses a key of the wrong length without repeating it', () => {
    expect(() => readConfig({ ...complete, ECOLINK_ENCRYPTION_KEY: 'abcd1234' })).toThrow(/ECOLINK_ENCRYPTION_KEY(?!.*abcd1234)/);
  });
});
