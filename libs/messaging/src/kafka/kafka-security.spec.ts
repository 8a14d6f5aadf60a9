import { kafkaSecurityFromEnvironment } from './kafka-security.js';

const SASL = { KAFKA_SASL_MECHANISM: 'scram-sha-512', KAFKA_SASL_USERNAME: 'ecolink', KAFKA_SASL_PASSWORD: 'test-only' };

describe('kafkaSecurityFromEnvironment', () => {
  it('is plain when nothing is set', () => {
    expect(kafkaSecurityFromEnvironment({})).toEqual({});
  });

  it('takes TLS and SASL', () => {
    expect(kafkaSecurityFromEnvironment({ KAFKA_TLS: '1', ...SASL })).toEqual({
      tls: true,
      sasl: { mechanism: 'scram-sha-512', username: 'ecolink', password: 'test-only' },
    });
  });

  it.each(['KAFKA_SASL_MECHANISM', 'KAFKA_SASL_USERNAME', 'KAFKA_SASL_PASSWORD'])('refuses SASL without %s', (name) => {
    expect(() => kafkaSecurityFromEnvironment({ ...SASL, [name]: undefined })).toThrow('KAFKA_SASL');
  });

  it('refuses a mechanism that it does not know', () => {
    expect(() => kafkaSecurityFromEnvironment({ ...SASL, KAFKA_SASL_MECHANISM: 'magic' })).toThrow('must be one of');
  });
});
