import { randomUUID } from 'node:crypto';
import { mp4Video } from '../media/mp4.js';
import type { Exchange } from '../server/exchange.js';
import { hashText } from '../timing/seeded-random.js';
import { answerJson } from '../wire/answer-json.js';
import { RequestRefused } from '../wire/request-refused.js';
import { checkModel, invalidField } from './parse-fields.js';
import { parseJsonObject } from './parse-json-object.js';

const JOBS_MAX = 1_000;
const SECONDS_MAX = 60;
const SECONDS_DEFAULT = 4;
const MS_PER_VIDEO_SECOND = 250;

interface Job {
  readonly model: string;
  readonly prompt: string;
  readonly seconds: number;
  readonly createdAtMs: number;
}

/** Of all simulators of the process; the oldest ones are forgotten. */
const jobs = new Map<string, Job>();

/** `POST /v1/video/generations`: takes a job. A prompt that says "fail" makes it fail. */
export async function createVideo(exchange: Exchange): Promise<void> {
  const body = parseJsonObject(exchange.body);
  checkModel(body, exchange.settings.model);
  const { prompt } = body;
  if (typeof prompt !== 'string' || prompt === '') throw invalidField('prompt', 'must be a text that is not empty');
  const seconds = Number(body['seconds'] ?? SECONDS_DEFAULT);
  if (!(seconds > 0 && seconds <= SECONDS_MAX)) throw invalidField('seconds', `must be above 0 and at most ${SECONDS_MAX}`);
  const id = `video_${randomUUID()}`;
  const job = { model: exchange.settings.model, prompt, seconds, createdAtMs: Date.now() };
  jobs.set(id, job);
  for (const oldest of jobs.keys()) {
    if (jobs.size <= JOBS_MAX) break;
    jobs.delete(oldest);
  }
  await answerJson(exchange, viewOf(id, job), 202);
}

/** `GET /v1/video/generations/{id}`: how far it is, and the film when it is done. */
export async function readVideo(exchange: Exchange): Promise<void> {
  const id = decodeURIComponent(exchange.path.slice(exchange.path.lastIndexOf('/') + 1));
  const job = jobs.get(id);
  if (job?.model !== exchange.settings.model) throw new RequestRefused(404, 'not_found', 'There is no such video.', 'id');
  await answerJson(exchange, viewOf(id, job));
}

function viewOf(id: string, { model, prompt, seconds, createdAtMs }: Job): object {
  const progress = Math.min(1, (Date.now() - createdAtMs) / (seconds * MS_PER_VIDEO_SECOND));
  const isFailing = /\bfail\b/i.test(prompt);
  const status = progress === 0 ? 'queued' : progress < 1 ? 'in_progress' : isFailing ? 'failed' : 'completed';
  const base = { id, object: 'video.generation', created_at: Math.floor(createdAtMs / 1000), model, seconds, status };
  if (status === 'failed')
    return { ...base, error: { code: 'generation_failed', message: 'The simulated film failed on purpose.' } };
  if (status !== 'completed') return { ...base, progress: Math.floor(progress * 100) };
  const film = mp4Video(seconds, hashText(prompt)).toString('base64');
  return { ...base, progress: 100, data: [{ content_type: 'video/mp4', b64_json: film }] };
}
