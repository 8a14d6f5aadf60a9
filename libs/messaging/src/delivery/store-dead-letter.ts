import type { DeadLetter, DeadLetterSink } from '../event-bus.js';

/** A dead letter with the number of times the event was tried. */
export interface TriedDeadLetter extends DeadLetter {
  readonly attempts: number;
}

/** A sink on a database can say whether that answers, which keeps an outage from being taken for a bad event. */
export interface CheckableDeadLetterSink extends DeadLetterSink {
  canReachDatabase(): Promise<boolean>;
}

/** Sinks that do not care for `attempts` take it as any other letter. */
export function storeDeadLetter(sink: DeadLetterSink, letter: TriedDeadLetter): Promise<void> {
  return sink.store(letter);
}

/** Undefined of a sink that cannot tell: then only the success of other events speaks against one. */
export async function canReachDatabase(sink: DeadLetterSink | CheckableDeadLetterSink): Promise<boolean | undefined> {
  return 'canReachDatabase' in sink ? await sink.canReachDatabase() : undefined;
}
