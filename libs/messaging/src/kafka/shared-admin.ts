import type { Admin, Kafka } from 'kafkajs';
import { withDeadline } from '../delivery/with-deadline.js';

const ATTEMPTS_MAX = 3;
const ATTEMPT_TIMEOUT_MS = 15_000;

/** One administrative connection for all subscriptions; after an error it is thrown away and the call is tried on a new one. */
export class SharedAdmin {
  private current: Promise<Admin> | undefined;

  constructor(private readonly kafka: Kafka) {}

  async run<T>(call: (admin: Admin) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      const opening = (this.current ??= this.open());
      try {
        return await withDeadline(opening.then(call), ATTEMPT_TIMEOUT_MS, 'no answer to an administrative call');
      } catch (error) {
        if (this.current === opening) this.current = undefined;
        opening.then((admin) => admin.disconnect()).catch(() => undefined);
        if (attempt === ATTEMPTS_MAX) throw error;
      }
    }
  }

  async close(): Promise<void> {
    const admin = await this.current?.catch(() => undefined);
    this.current = undefined;
    await admin?.disconnect();
  }

  private async open(): Promise<Admin> {
    const admin = this.kafka.admin();
    await admin.connect();
    return admin;
  }
}
