import { readFileSync } from 'node:fs';
import type { KafkaConfig } from 'kafkajs';

export type SaslMechanism = 'plain' | 'scram-sha-256' | 'scram-sha-512';

export interface KafkaSecurity {
  /** `true`, or the PEM text of the authority that signed the brokers' certificates. */
  readonly tls?: true | { readonly ca: string };
  readonly sasl?: { readonly mechanism: SaslMechanism; readonly username: string; readonly password: string };
}

const MECHANISMS: readonly string[] = ['plain', 'scram-sha-256', 'scram-sha-512'] satisfies SaslMechanism[];

/**
 * Reads `KAFKA_TLS=1`, `KAFKA_TLS_CA_FILE`, `KAFKA_SASL_MECHANISM`, `KAFKA_SASL_USERNAME`, `KAFKA_SASL_PASSWORD`.
 * Throws where they are incomplete: half a configuration must not become an open connection.
 */
export function kafkaSecurityFromEnvironment(environment: NodeJS.ProcessEnv): KafkaSecurity {
  const caFile = environment['KAFKA_TLS_CA_FILE'];
  const tls = caFile === undefined ? (environment['KAFKA_TLS'] === '1' ? true : undefined) : { ca: readFileSync(caFile, 'utf8') };
  const sasl = saslFrom(environment);
  return { ...(tls === undefined ? {} : { tls }), ...(sasl === undefined ? {} : { sasl }) };
}

function saslFrom(environment: NodeJS.ProcessEnv): KafkaSecurity['sasl'] {
  const { KAFKA_SASL_MECHANISM: mechanism, KAFKA_SASL_USERNAME: username, KAFKA_SASL_PASSWORD: password } = environment;
  if (mechanism === undefined && username === undefined && password === undefined) return undefined;
  if (!isMechanism(mechanism)) throw new Error(`KAFKA_SASL_MECHANISM must be one of ${MECHANISMS.join(', ')}`);
  if (username === undefined || password === undefined)
    throw new Error('KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD go together');
  return { mechanism, username, password };
}

function isMechanism(text: string | undefined): text is SaslMechanism {
  return text !== undefined && MECHANISMS.includes(text);
}

/** KafkaSecurity → the options of kafkajs. */
export function toClientSecurity(security: KafkaSecurity): Pick<KafkaConfig, 'ssl' | 'sasl'> {
  const ssl = typeof security.tls === 'object' ? { ca: [security.tls.ca] } : security.tls;
  return { ...(ssl === undefined ? {} : { ssl }), ...(security.sasl === undefined ? {} : { sasl: saslOptions(security.sasl) }) };
}

function saslOptions({ mechanism, username, password }: NonNullable<KafkaSecurity['sasl']>): NonNullable<KafkaConfig['sasl']> {
  switch (mechanism) {
    case 'plain':
      return { mechanism, username, password };
    case 'scram-sha-256':
      return { mechanism, username, password };
    case 'scram-sha-512':
      return { mechanism, username, password };
  }
}
