import type { SharedTotals } from '@ecolink/shared-state';
import { answerMember } from '../body/answer-member.js';
import { JobIds, type VideoJob } from './job-id.js';
import { OpenJobs } from './open-jobs.js';
import { renameJob } from './rename-job.js';

/** Longer ids are not made by model servers; one would make ours too long for a path. */
const POD_ID_LENGTH_MAX = 512;
/** How a job ends, in the words of the servers that there are. */
const OVER: ReadonlySet<unknown> = new Set(['completed', 'succeeded', 'failed', 'cancelled', 'canceled', 'expired', 'error']);
const FAILED: ReadonlySet<unknown> = new Set(['failed', 'error']);
/** Failed jobs that are remembered, so that asking again writes nothing. One that is forgotten does no harm: it is given back once. */
const REFUNDED_MAX = 10_000;

/** The jobs of this router's callers: their ids, and how many of an account run. */
export class VideoJobs {
  private readonly ids: JobIds;
  private readonly open: OpenJobs;
  private readonly refunded = new Set<string>();

  constructor(secret: string, shared: SharedTotals) {
    this.ids = new JobIds(secret);
    this.open = new OpenJobs(shared);
  }

  /** False where the account has as many jobs as may run at once. */
  begin(accountId: string, callId: string): boolean {
    return this.open.enter(accountId, callId);
  }

  /** The call is over. Where it began a job, that counts on by its own id. */
  callEnded(accountId: string, callId: string): void {
    this.open.leave(accountId, callId);
  }

  /** A pod's answer that took a job, with our id in place of its own. An answer without an id stays as it is. */
  accepted(answer: Buffer, job: Omit<VideoJob, 'id' | 'requestId'>, callId: string): Buffer {
    const id = answerMember(answer, 'id');
    if (typeof id !== 'string' || id === '' || id.length > POD_ID_LENGTH_MAX) return answer;
    const ours = this.ids.write({ ...job, id, requestId: callId });
    if (!OVER.has(answerMember(answer, 'status'))) this.open.rename(job.accountId, callId, ours);
    return renameJob(answer, ours);
  }

  /** Undefined for an id that was not given out by this product. */
  find(ours: string): VideoJob | undefined {
    return this.ids.read(ours);
  }

  /** False where this router has recorded before that the job failed. */
  isToBeRefunded(ours: string): boolean {
    return !this.refunded.has(ours);
  }

  noteRefunded(ours: string): void {
    if (this.refunded.size >= REFUNDED_MAX) this.refunded.clear();
    this.refunded.add(ours);
  }

  /** A pod's answer to a poll, with our id. A job that is over makes room for another. */
  polled(answer: Buffer, job: VideoJob, ours: string): { readonly answer: Buffer; readonly hasFailed: boolean } {
    const status = answerMember(answer, 'status');
    if (OVER.has(status)) this.open.leave(job.accountId, ours);
    const isOurs = answerMember(answer, 'id') === job.id;
    return { answer: isOurs ? renameJob(answer, ours) : answer, hasFailed: FAILED.has(status) };
  }
}
