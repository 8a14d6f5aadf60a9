import type { SharedTotals } from '@ecolink/shared-state';

/** Jobs of one account that run at once. */
export const JOBS_AT_ONCE_MAX = 5;
/** A job that no poll has found to be over counts for so long. */
const JOB_COUNTS_MS = 30 * 60_000;
const ACCOUNTS_MAX = 100_000;

/**
 * The video jobs of each account that run, as far as this router knows: those that it sent on and that no poll through it
 * has found to be over. Routers tell each other their numbers.
 */
export class OpenJobs {
  /** By account: since when each job counts, by its id or that of the call that is to begin it. */
  private readonly accounts = new Map<string, Map<string, number>>();

  constructor(
    private readonly shared: Pick<SharedTotals, 'set' | 'others' | 'live'>,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** False where the account has as many as it may have. */
  enter(accountId: string, id: string): boolean {
    const jobs = this.accounts.get(accountId) ?? new Map<string, number>();
    this.forgetOld(jobs);
    const elsewhere = this.shared.live() === 1 ? 0 : Number(this.shared.others(keyOf(accountId)));
    if (jobs.size + elsewhere >= JOBS_AT_ONCE_MAX) return false;
    if (!this.accounts.has(accountId) && this.accounts.size >= ACCOUNTS_MAX) this.forgetAllOld();
    this.accounts.set(accountId, jobs.set(id, this.now()));
    this.tell(accountId, jobs);
    return true;
  }

  /** The call that began a job has its answer: from now on the job counts by its own id. */
  rename(accountId: string, callId: string, jobId: string): void {
    const jobs = this.accounts.get(accountId);
    const since = jobs?.get(callId);
    if (jobs === undefined || since === undefined) return;
    jobs.delete(callId);
    jobs.set(jobId, since);
  }

  /** More than once does no harm. */
  leave(accountId: string, id: string): void {
    const jobs = this.accounts.get(accountId);
    if (jobs?.delete(id) !== true) return;
    if (jobs.size === 0) this.accounts.delete(accountId);
    this.tell(accountId, jobs);
  }

  private tell(accountId: string, jobs: ReadonlyMap<string, number>): void {
    this.shared.set(keyOf(accountId), BigInt(jobs.size));
  }

  private forgetOld(jobs: Map<string, number>): void {
    for (const [id, since] of jobs) if (this.now() - since > JOB_COUNTS_MS) jobs.delete(id);
  }

  private forgetAllOld(): void {
    for (const [accountId, jobs] of this.accounts) {
      this.forgetOld(jobs);
      if (jobs.size === 0) this.accounts.delete(accountId);
    }
  }
}

function keyOf(accountId: string): string {
  return `videos:${accountId}`;
}
