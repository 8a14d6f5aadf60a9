import { createRequire } from 'node:module';
import type * as kafkajs from 'kafkajs';

const load = createRequire(import.meta.url);

/** kafkajs, loaded with the first use: processes on the embedded log have none for its 140 files. */
export function loadKafkaJs(): typeof kafkajs {
  return load('kafkajs') as typeof kafkajs;
}
