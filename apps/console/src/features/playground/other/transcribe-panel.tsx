import { Button, FileButton } from '@mantine/core';
import { IconFileMusic, IconMicrophone, IconPlayerStopFilled } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import { text } from '../../../text/index.js';
import { CopyButton } from '../../../ui/copy-button.js';
import { Empty } from '../../../ui/empty.js';
import { callModel, headOf } from '../call.js';
import type { TabProps } from '../tab-props.js';
import { CallMeta } from './call-meta.js';
import styles from './other.module.css';
import { modelOf, TabFrame } from './tab-frame.js';
import { useCall } from './use-call.js';
import { useRecorder } from './use-recorder.js';

/** Sound in, text out: from a file or the microphone. */
export function TranscribePanel({ modes, ...props }: TabProps & { readonly modes: ReactNode }) {
  const t = text.otherTabs.audio;
  const [file, setFile] = useState<File>();
  const recorder = useRecorder(setFile);
  const call = useCall<string>();
  const model = modelOf(props);
  const run = (): void =>
    void call.run(async (signal) => {
      if (file === undefined) throw new Error(t.file);
      const { data, response } = await callModel((client) =>
        client.audio.transcriptions.create({ model, file }, { signal }).withResponse(),
      );
      return { result: data.text, head: headOf(response) };
    });
  return (
    <TabFrame
      {...props}
      call={call}
      action={t.transcribe}
      canRun={file !== undefined && !recorder.recording}
      onRun={run}
      request={{ path: '/audio/transcriptions', body: { model, file: file?.name ?? 'speech.mp3' }, sdk: null, answer: 'json' }}
      result={
        call.ran === undefined ? (
          call.problem === undefined && (
            <Empty icon={IconMicrophone} title={t.empty}>
              {t.emptyBody}
            </Empty>
          )
        ) : (
          <>
            <div className={styles.transcript}>{call.ran.result}</div>
            <div className={styles.row}>
              <CopyButton value={call.ran.result} />
              <CallMeta call={call} />
            </div>
          </>
        )
      }
      form={
        <>
          {modes}
          <div className={styles.wide}>
            <div className={styles.row}>
              <FileButton onChange={(chosen) => setFile(chosen ?? undefined)} accept="audio/*,video/mp4,video/webm">
                {(button) => (
                  <Button {...button} variant="default" leftSection={<IconFileMusic size={15} stroke={1.6} aria-hidden="true" />}>
                    {t.choose}
                  </Button>
                )}
              </FileButton>
              <Button
                variant="default"
                leftSection={
                  recorder.recording ? (
                    <IconPlayerStopFilled size={14} aria-hidden="true" />
                  ) : (
                    <IconMicrophone size={15} stroke={1.6} aria-hidden="true" />
                  )
                }
                onClick={recorder.recording ? recorder.stop : recorder.start}
              >
                {recorder.recording ? t.stopRecording : t.record}
              </Button>
              <span className={styles.quiet} role="status">
                {recorder.refused ? t.refusedMicrophone : (file?.name ?? '')}
              </span>
            </div>
          </div>
        </>
      }
    />
  );
}
