import { createHmac, timingSafeEqual } from 'node:crypto';

/** Where a job runs, and whose it is. */
export interface VideoJob {
  readonly accountId: string;
  readonly instanceId: number;
  /** As the client named it. */
  readonly model: string;
  readonly region: string;
  /** The pod that took the job; null where its gateway did not say. */
  readonly pod: string | null;
  /** The pod's own id of the job. */
  readonly id: string;
  /** Of the call that began it, which is what was billed. Undefined in ids of earlier releases. */
  readonly requestId: string | undefined;
}

const PREFIX = 'video_';
const SIGNATURE_BYTES = 16;
const TEXT_LENGTH_MAX = 4_096;

/**
 * Ids of jobs as clients get them: signed, and naming all that a poll needs, so that any router can answer it and none keeps
 * a table. They are no secret: what they name is the account's own.
 */
export class JobIds {
  private readonly key: Buffer;

  /** @param secret one that all routers have. */
  constructor(secret: string) {
    this.key = createHmac('sha256', secret).update('ids of video jobs').digest();
  }

  write({ accountId, instanceId, model, region, pod, id, requestId }: VideoJob): string {
    const fields = [accountId, instanceId, model, region, pod, id, requestId];
    const payload = Buffer.from(JSON.stringify(fields)).toString('base64url');
    return `${PREFIX}${payload}.${this.signatureOf(payload).toString('base64url')}`;
  }

  /** Undefined for anything that was not written here. */
  read(text: string): VideoJob | undefined {
    if (!text.startsWith(PREFIX) || text.length > TEXT_LENGTH_MAX) return undefined;
    const [payload = '', signature = '', ...more] = text.slice(PREFIX.length).split('.');
    const given = Buffer.from(signature, 'base64url');
    if (more.length > 0 || given.length !== SIGNATURE_BYTES) return undefined;
    if (!timingSafeEqual(given, this.signatureOf(payload))) return undefined;
    const [accountId, instanceId, model, region, pod, id, requestId] = JSON.parse(
      Buffer.from(payload, 'base64url').toString('utf8'),
    ) as [string, number, string, string, string | null, string, string | undefined];
    return { accountId, instanceId, model, region, pod, id, requestId };
  }

  private signatureOf(payload: string): Buffer {
    return createHmac('sha256', this.key).update(payload).digest().subarray(0, SIGNATURE_BYTES);
  }
}
