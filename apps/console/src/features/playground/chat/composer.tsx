import { ActionIcon, Tooltip } from '@mantine/core';
import { IconArrowUp, IconPhoto, IconPlayerStopFilled, IconX } from '@tabler/icons-react';
import { type ClipboardEvent, type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { text } from '../../../text/index.js';
import styles from './composer.module.css';

const IMAGE_BYTES_MAX = 10 * 1_048_576;
const IMAGES_MAX = 8;
const HEIGHT_MAX_PX = 220;

interface ComposerProps {
  readonly placeholder: string;
  readonly note: string;
  readonly busy: boolean;
  readonly disabled: boolean;
  readonly onSend: (message: string, images: readonly string[]) => void;
  readonly onStop: () => void;
  readonly onEditLast: () => void;
}

/** Where a message is typed: Enter sends, Shift+Enter breaks the line, Esc stops, ↑ in an empty one edits the last turn. */
export function Composer({ placeholder, note, busy, disabled, onSend, onStop, onEditLast }: ComposerProps) {
  const [message, setMessage] = useState('');
  const [images, setImages] = useState<readonly string[]>([]);
  const area = useRef<HTMLTextAreaElement>(null);
  const files = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const element = area.current;
    if (element === null) return;
    element.style.height = 'auto';
    element.style.height = `${Math.min(HEIGHT_MAX_PX, element.scrollHeight)}px`;
  }, [message]);

  const send = (): void => {
    if (busy || disabled || (message.trim() === '' && images.length === 0)) return;
    onSend(message, images);
    setMessage('');
    setImages([]);
  };
  const add = (list: Iterable<File>): void => {
    for (const file of list) {
      if (!file.type.startsWith('image/') || file.size > IMAGE_BYTES_MAX) continue;
      void readAsDataUrl(file).then((url) => setImages((before) => [...before, url].slice(0, IMAGES_MAX)));
    }
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Enter' && !event.shiftKey && !event.nativeEvent.isComposing) {
      event.preventDefault();
      send();
    } else if (event.key === 'Escape' && busy) onStop();
    else if (event.key === 'ArrowUp' && message === '') {
      event.preventDefault();
      onEditLast();
    }
  };
  return (
    <div className={styles.composer}>
      <Pictures images={images} onChange={setImages} />
      <textarea
        ref={area}
        className={styles.area}
        rows={1}
        value={message}
        placeholder={placeholder}
        aria-label={placeholder}
        data-composer
        onChange={(event) => setMessage(event.currentTarget.value)}
        onKeyDown={onKeyDown}
        onPaste={(event: ClipboardEvent) => add(event.clipboardData.files)}
      />
      <div className={styles.row}>
        <Tooltip label={text.playground.addImage}>
          <ActionIcon aria-label={text.playground.addImage} onClick={() => files.current?.click()}>
            <IconPhoto size={17} stroke={1.6} />
          </ActionIcon>
        </Tooltip>
        <input
          ref={files}
          type="file"
          accept="image/*"
          multiple
          hidden
          aria-label={text.playground.addImage}
          onChange={(event) => {
            add(event.currentTarget.files ?? []);
            event.currentTarget.value = '';
          }}
        />
        <span className={styles.note}>{note}</span>
        {busy ? (
          <ActionIcon variant="filled" size={32} aria-label={text.playground.stop} onClick={onStop}>
            <IconPlayerStopFilled size={14} />
          </ActionIcon>
        ) : (
          <ActionIcon
            variant="filled"
            size={32}
            aria-label={text.playground.send}
            onClick={send}
            aria-disabled={disabled || undefined}
          >
            <IconArrowUp size={18} stroke={2} />
          </ActionIcon>
        )}
      </div>
    </div>
  );
}

interface PicturesProps {
  readonly images: readonly string[];
  readonly onChange: (images: readonly string[]) => void;
}

function Pictures({ images, onChange }: PicturesProps) {
  if (images.length === 0) return null;
  return (
    <div className={styles.images}>
      {images.map((url, index) => (
        <span key={index} className={styles.image}>
          <img src={url} alt={text.playground.picture} />
          <ActionIcon
            size={24}
            className={styles.remove}
            aria-label={text.playground.removeImage}
            onClick={() => onChange(images.filter((_, at) => at !== index))}
          >
            <IconX size={14} stroke={2} />
          </ActionIcon>
        </span>
      ))}
    </div>
  );
}

function readAsDataUrl(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(typeof reader.result === 'string' ? reader.result : '');
    reader.onerror = () => reject(reader.error ?? new Error('the file cannot be read'));
    reader.readAsDataURL(file);
  });
}
