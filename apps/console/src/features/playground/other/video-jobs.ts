import { isRecord } from '../../../api/problem.js';

/** A job that was started here; found again after a reload, and forgotten with the tab's account. */
export interface VideoJob {
  readonly id: string;
  readonly model: string;
  readonly prompt: string;
  readonly startedAt: number;
  readonly requestId: string | null;
}

const KEY = 'ecolink-video-jobs';
const KEPT_MAX = 20;

export function readJobs(accountId: string): VideoJob[] {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(`${KEY}:${accountId}`) ?? '[]');
    return Array.isArray(kept) ? (kept as VideoJob[]).filter((job) => isRecord(job) && typeof job.id === 'string') : [];
  } catch {
    return [];
  }
}

export function writeJobs(accountId: string, jobs: readonly VideoJob[]): void {
  try {
    sessionStorage.setItem(`${KEY}:${accountId}`, JSON.stringify(jobs.slice(0, KEPT_MAX)));
  } catch {
    // The jobs go on; this page only does not find them again.
  }
}

export interface JobState {
  readonly status: string;
  /** 0 to 100; null where the model does not tell. */
  readonly progress: number | null;
  /** The video itself, base64. */
  readonly base64: string | null;
  /** Where the model gave an address: a link, never loaded. */
  readonly url: string | null;
  readonly error: string | null;
}

const OVER = new Set(['completed', 'succeeded', 'failed', 'cancelled']);

export function isOver({ status }: Pick<JobState, 'status'>): boolean {
  return OVER.has(status);
}

/** What a model says of a job, in the few shapes there are. */
export function jobStateOf(answer: unknown): JobState {
  const job = isRecord(answer) ? answer : {};
  const [first] = Array.isArray(job['data']) ? (job['data'] as unknown[]) : [];
  const video = isRecord(first) ? first : isRecord(job['video']) ? job['video'] : job;
  const base64 = textIn(video, 'b64_json') ?? textIn(video, 'b64_video');
  const url = textIn(video, 'url') ?? textIn(job, 'video_url');
  const error = isRecord(job['error']) ? textIn(job['error'], 'message') : textIn(job, 'error');
  return {
    status: textIn(job, 'status') ?? 'queued',
    progress: typeof job['progress'] === 'number' ? Math.min(100, Math.max(0, job['progress'])) : null,
    base64,
    url: url?.startsWith('https://') === true ? url : null,
    error: error ?? null,
  };
}

function textIn(record: Record<string, unknown>, name: string): string | null {
  const value = record[name];
  return typeof value === 'string' && value !== '' ? value : null;
}
