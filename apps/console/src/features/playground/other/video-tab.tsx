import { ActionIcon, NumberInput, Textarea } from '@mantine/core';
import { IconMovie, IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { toProblem } from '../../../api/problem.js';
import { durationText } from '../../../format/duration.js';
import { text } from '../../../text/index.js';
import { Empty } from '../../../ui/empty.js';
import { ModelId } from '../../../ui/model-id.js';
import { ProblemNotice } from '../../../ui/problem-notice.js';
import { StateDot } from '../../../ui/state-dot.js';
import { useActiveAccount } from '../../session/queries.js';
import { fetchModel, headOf } from '../call.js';
import type { TabProps } from '../tab-props.js';
import styles from './other.module.css';
import { modelOf, TabFrame } from './tab-frame.js';
import { useCall } from './use-call.js';
import { isOver, type JobState, jobStateOf, readJobs, type VideoJob, writeJobs } from './video-jobs.js';

const POLL_MS = 2_000;
const SECONDS_MAX = 60;

/** Videos from words: jobs that are asked after until they are over. */
export function VideoTab(props: TabProps) {
  const t = text.otherTabs.video;
  const accountId = useActiveAccount()?.id ?? '';
  const [prompt, setPrompt] = useState('');
  const [seconds, setSeconds] = useState(4);
  const [jobs, setJobs] = useState(() => readJobs(accountId));
  const call = useCall<string>();
  const model = modelOf(props);
  const body = { model, prompt, seconds };
  const keep = (next: readonly VideoJob[]): void => {
    writeJobs(accountId, next);
    setJobs([...next]);
  };
  const run = (): void =>
    void call.run(async (signal) => {
      const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body), signal };
      const response = await fetchModel('/video/generations', init);
      const { id } = (await response.json()) as { id?: unknown };
      const head = headOf(response);
      if (typeof id !== 'string') throw new Error('the model gave no job id');
      keep([{ id, model, prompt, startedAt: Date.now(), requestId: head.requestId }, ...jobs]);
      return { result: id, head };
    });
  return (
    <TabFrame
      {...props}
      call={call}
      action={t.run}
      canRun={prompt.trim() !== ''}
      onRun={run}
      request={{ path: '/video/generations', body, sdk: null, answer: 'json' }}
      result={
        jobs.length === 0
          ? call.problem === undefined && (
              <Empty icon={IconMovie} title={t.empty}>
                {t.emptyBody}
              </Empty>
            )
          : jobs.map((job) => <Job key={job.id} job={job} onForget={() => keep(jobs.filter(({ id }) => id !== job.id))} />)
      }
      form={
        <>
          <Textarea
            className={styles.wide}
            label={t.prompt}
            autosize
            minRows={2}
            maxRows={6}
            value={prompt}
            onChange={(event) => setPrompt(event.currentTarget.value)}
          />
          <NumberInput
            className={styles.narrow}
            label={t.seconds}
            min={1}
            max={SECONDS_MAX}
            value={seconds}
            onChange={(value) => setSeconds(typeof value === 'number' ? value : 4)}
          />
        </>
      }
    />
  );
}

/** A `blob:` address, which the page's policy lets play. */
function Player({ base64 }: { readonly base64: string }) {
  const [url, setUrl] = useState<string>();
  useEffect(() => {
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    const made = URL.createObjectURL(new Blob([bytes], { type: 'video/mp4' }));
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [base64]);
  return url === undefined ? null : (
    <video className={styles.video} controls src={url} aria-label={text.otherTabs.video.player} />
  );
}

function Job({ job, onForget }: { readonly job: VideoJob; readonly onForget: () => void }) {
  const t = text.otherTabs.video;
  const { data, error, dataUpdatedAt } = useQuery({
    queryKey: ['playground', 'video', job.id],
    queryFn: async () =>
      jobStateOf(
        await (
          await fetchModel(`/video/generations/${encodeURIComponent(job.id)}?model=${encodeURIComponent(job.model)}`)
        ).json(),
      ),
    refetchInterval: ({ state }) => (state.data !== undefined && isOver(state.data) ? false : POLL_MS),
  });
  const status = data?.status ?? 'queued';
  const kind = status === 'failed' ? 'failed' : isOver({ status }) ? 'running' : 'starting';
  return (
    <section className={styles.job} aria-label={t.job(job.id)}>
      <div className={styles.row}>
        <StateDot kind={kind} word={t.states[status] ?? status} cause={data?.error ?? undefined} />
        <ModelId id={job.model} />
        <span className={styles.quiet}>{durationText(Math.max(dataUpdatedAt, job.startedAt) - job.startedAt)}</span>
        {typeof data?.progress === 'number' && !isOver(data) && (
          <span className={styles.quiet}>{Math.round(data.progress)} %</span>
        )}
        <ActionIcon aria-label={t.remove} ml="auto" onClick={onForget}>
          <IconX size={15} stroke={1.7} />
        </ActionIcon>
      </div>
      <div className={styles.document}>{job.prompt}</div>
      {error !== null && data === undefined && <ProblemNotice problem={toProblem(error)} />}
      {data !== undefined && <JobResult state={data} />}
    </section>
  );
}

function JobResult({ state: { base64, url } }: { readonly state: JobState }) {
  return (
    <>
      {base64 !== null && <Player base64={base64} />}
      {url !== null && (
        <a href={url} target="_blank" rel="noopener noreferrer">
          {text.otherTabs.video.link}
        </a>
      )}
    </>
  );
}
