import type { GatewayDeployment } from '@ecolink/contracts';
import type { RunnerState } from './pod-runner.js';

/** Shorter values would blacken half of every line, and protect nothing. */
const SECRET_LENGTH_MIN = 8;

/** What a program wrote, without the key, the token and the variables that it was given. */
export function withoutSecrets(lines: readonly string[], deployment: GatewayDeployment, state: RunnerState): string[] {
  const given = [deployment.token, ...Object.values(deployment.env), state.kind === 'running' ? state.apiKey : null];
  const secrets = given.filter((value) => value !== null && value.length >= SECRET_LENGTH_MIN) as string[];
  return lines.map((line) => secrets.reduce((text, secret) => text.replaceAll(secret, '***'), line));
}
