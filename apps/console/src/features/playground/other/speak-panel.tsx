import { Button, Select, Textarea, TextInput } from '@mantine/core';
import { IconDownload, IconVolume } from '@tabler/icons-react';
import { type ReactNode, useEffect, useState } from 'react';
import { text } from '../../../text/index.js';
import { Empty } from '../../../ui/empty.js';
import { callModel, headOf } from '../call.js';
import type { TabProps } from '../tab-props.js';
import { CallMeta } from './call-meta.js';
import styles from './other.module.css';
import { modelOf, TabFrame } from './tab-frame.js';
import { useCall } from './use-call.js';

const FORMATS = ['mp3', 'wav', 'opus', 'flac', 'aac'];

/** Text in, sound out. */
export function SpeakPanel({ modes, ...props }: TabProps & { readonly modes: ReactNode }) {
  const t = text.otherTabs.audio;
  const [input, setInput] = useState('');
  const [voice, setVoice] = useState('alloy');
  const [format, setFormat] = useState('mp3');
  const call = useCall<Blob>();
  const body = { model: modelOf(props), input, voice, response_format: format };
  const run = (): void =>
    void call.run(async (signal) => {
      const response = await callModel((client) =>
        client.audio.speech.create({ ...body, response_format: format as 'mp3' }, { signal }),
      );
      return { result: await response.blob(), head: headOf(response) };
    });
  return (
    <TabFrame
      {...props}
      call={call}
      action={t.run}
      canRun={input.trim() !== ''}
      onRun={run}
      request={{
        path: '/audio/speech',
        body,
        sdk: { python: 'audio.speech.create', typescript: 'audio.speech.create' },
        answer: 'bytes',
      }}
      result={
        call.ran === undefined ? (
          call.problem === undefined && (
            <Empty icon={IconVolume} title={t.empty}>
              {t.emptyBody}
            </Empty>
          )
        ) : (
          <>
            <Player sound={call.ran.result} format={format} />
            <CallMeta call={call} />
          </>
        )
      }
      form={
        <>
          {modes}
          <Textarea
            className={styles.whole}
            label={t.input}
            autosize
            minRows={2}
            maxRows={8}
            value={input}
            onChange={(event) => setInput(event.currentTarget.value)}
          />
          <TextInput
            className={styles.narrow}
            w={140}
            label={t.voice}
            value={voice}
            onChange={(event) => setVoice(event.currentTarget.value)}
          />
          <Select
            className={styles.narrow}
            label={t.format}
            data={FORMATS}
            value={format}
            onChange={(value) => setFormat(value ?? 'mp3')}
          />
        </>
      }
    />
  );
}

function Player({ sound, format }: { readonly sound: Blob; readonly format: string }) {
  const [url, setUrl] = useState<string>();
  useEffect(() => {
    const made = URL.createObjectURL(sound);
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [sound]);
  if (url === undefined) return null;
  const t = text.otherTabs.audio;
  return (
    <div className={styles.row}>
      <audio controls src={url} aria-label={t.player} />
      <Button
        component="a"
        href={url}
        download={`speech.${format}`}
        variant="subtle"
        size="xs"
        leftSection={<IconDownload size={15} stroke={1.6} aria-hidden="true" />}
      >
        {t.download}
      </Button>
    </div>
  );
}
