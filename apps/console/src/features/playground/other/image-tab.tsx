import { Button, Select, Textarea } from '@mantine/core';
import { IconDownload, IconPhoto } from '@tabler/icons-react';
import { useState } from 'react';
import { text } from '../../../text/index.js';
import { Empty } from '../../../ui/empty.js';
import { callModel, headOf } from '../call.js';
import type { TabProps } from '../tab-props.js';
import { CallMeta } from './call-meta.js';
import styles from './other.module.css';
import { modelOf, TabFrame } from './tab-frame.js';
import { useCall } from './use-call.js';

interface Picture {
  /** `data:` of a picture, or null where the model gave an address. */
  readonly source: string | null;
  readonly url: string | null;
  readonly prompt: string;
}

const COUNTS = ['1', '2', '4'];
const SIZES = ['256x256', '512x512', '1024x1024', '1792x1024', '1024x1792'];
const BASE64 = /^[A-Za-z0-9+/=\s]+$/;

/** Pictures from words. They come as data; an address of elsewhere is a link and never loaded. */
export function ImageTab(props: TabProps) {
  const [prompt, setPrompt] = useState('');
  const [count, setCount] = useState('1');
  const [size, setSize] = useState('1024x1024');
  const call = useCall<readonly Picture[]>();
  const t = text.otherTabs.image;
  const model = modelOf(props);
  const body = { model, prompt, n: Number(count), size, response_format: 'b64_json' };
  const run = (): void =>
    void call.run(async (signal) => {
      const params = { ...body, response_format: 'b64_json' as const, size: size as '1024x1024' };
      const { data, response } = await callModel((client) => client.images.generate(params, { signal }).withResponse());
      const pictures = (data.data ?? []).map(({ b64_json: base64, url }): Picture => ({
        source: base64 !== undefined && BASE64.test(base64.slice(0, 200)) ? `data:image/png;base64,${base64}` : null,
        url: url?.startsWith('https://') === true ? url : null,
        prompt,
      }));
      return { result: pictures, head: headOf(response) };
    });
  return (
    <TabFrame
      {...props}
      call={call}
      action={t.run}
      canRun={prompt.trim() !== ''}
      onRun={run}
      request={{
        path: '/images/generations',
        body,
        sdk: { python: 'images.generate', typescript: 'images.generate' },
        answer: 'json',
      }}
      result={
        call.ran === undefined ? (
          call.problem === undefined && (
            <Empty icon={IconPhoto} title={t.empty}>
              {t.emptyBody}
            </Empty>
          )
        ) : (
          <>
            <div className={styles.pictures}>
              {call.ran.result.map((picture, index) => (
                <PictureView key={index} picture={picture} />
              ))}
            </div>
            <CallMeta call={call} />
          </>
        )
      }
      form={
        <>
          <Textarea
            className={styles.whole}
            label={t.prompt}
            autosize
            minRows={2}
            maxRows={6}
            value={prompt}
            onChange={(event) => setPrompt(event.currentTarget.value)}
          />
          <Select
            className={styles.narrow}
            label={t.count}
            data={COUNTS}
            value={count}
            onChange={(value) => setCount(value ?? '1')}
          />
          <Select
            className={styles.narrow}
            w={140}
            label={t.size}
            data={SIZES}
            value={size}
            onChange={(value) => setSize(value ?? '1024x1024')}
          />
        </>
      }
    />
  );
}

function PictureView({ picture }: { readonly picture: Picture }) {
  const t = text.otherTabs.image;
  if (picture.source === null) {
    return (
      <p className={styles.quiet}>
        {t.linkNote}{' '}
        {picture.url !== null && (
          <a href={picture.url} target="_blank" rel="noopener noreferrer">
            {t.link}
          </a>
        )}
      </p>
    );
  }
  return (
    <div className={styles.picture}>
      <img src={picture.source} alt={t.alt(picture.prompt)} />
      <Button
        component="a"
        href={picture.source}
        download="picture.png"
        variant="subtle"
        size="xs"
        leftSection={<IconDownload size={15} stroke={1.6} aria-hidden="true" />}
      >
        {t.download}
      </Button>
    </div>
  );
}
