import { ActionIcon, Button } from '@mantine/core';
import { IconChevronDown, IconChevronUp, IconTerminal2 } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { toProblem } from '../../api/problem.js';
import { nanoUsd } from '../../format/money.js';
import { clockTextWithMs, dateText } from '../../format/time.js';
import { text } from '../../text/index.js';
import { CopyField } from '../../ui/copy-field.js';
import { Drawer } from '../../ui/dialog.js';
import { ModelId } from '../../ui/model-id.js';
import { Money } from '../../ui/money.js';
import { ProblemNotice } from '../../ui/problem-notice.js';
import { RowsLoading } from '../../ui/rows-loading.js';
import { useZone } from '../session/queries.js';
import { useKeyName } from './key-names.js';
import { requestQuery, type RequestRow } from './queries.js';
import styles from './requests.module.css';
import { StatusTag } from './status-tag.js';
import { Timeline } from './timeline.js';
import { usageFields } from './usage-fields.js';

interface RequestDrawerProps {
  readonly id: string;
  /** The rows before and after it in the list; undefined at its ends. */
  readonly newer: string | undefined;
  readonly older: string | undefined;
  readonly onOpen: (id: string) => void;
  readonly onClose: () => void;
}

/** One request beside the list, which stays usable; ↑ and ↓ walk its rows. */
export default function RequestDrawer({ id, newer, older, onOpen, onClose }: RequestDrawerProps) {
  const { data: request, error } = useQuery(requestQuery(id));
  const t = text.requests.drawer;
  const walk = (key: string): void => {
    const next = key === 'ArrowUp' ? newer : key === 'ArrowDown' ? older : undefined;
    if (next !== undefined) onOpen(next);
  };
  return (
    <Drawer
      onClose={onClose}
      title={t.title}
      size={500}
      withOverlay={false}
      lockScroll={false}
      trapFocus={false}
      closeOnClickOutside={false}
      onKeyDown={({ key }) => walk(key)}
    >
      <div className={styles.drawer}>
        <div className={styles.walk}>
          <ActionIcon aria-label={t.previous} disabled={newer === undefined} onClick={() => walk('ArrowUp')}>
            <IconChevronUp size={16} stroke={1.7} />
          </ActionIcon>
          <ActionIcon aria-label={t.next} disabled={older === undefined} onClick={() => walk('ArrowDown')}>
            <IconChevronDown size={16} stroke={1.7} />
          </ActionIcon>
        </div>
        <CopyField value={id} label={t.copyId} />
        {request === undefined && error === null && <RowsLoading rows={5} />}
        {request === undefined && error !== null && <Missing thrown={error} />}
        {request !== undefined && <Details request={request} />}
        <p className={styles.quiet}>{text.requests.neverStored}</p>
      </div>
    </Drawer>
  );
}

function Missing({ thrown }: { readonly thrown: unknown }) {
  const problem = toProblem(thrown);
  if (problem.status === 404) return <p>{text.requests.drawer.missing}</p>;
  return <ProblemNotice problem={problem} />;
}

function Details({ request }: { readonly request: RequestRow }) {
  const zone = useZone();
  const keyName = useKeyName();
  const t = text.requests.drawer;
  return (
    <>
      <div className={styles.what}>
        <StatusTag request={request} />
        {request.model !== null && <ModelId id={request.model} />}
        <span className={styles.quiet}>{request.endpoint}</span>
      </div>
      <section className={styles.part}>
        <h3>{t.timeline}</h3>
        <Timeline request={request} />
      </section>
      <section className={styles.part}>
        <h3>{t.usage}</h3>
        <dl className={styles.fields}>
          {usageFields(request).map(({ label, value, note }) => (
            <div key={label}>
              <dt>{label}</dt>
              <dd>
                {value} {note !== undefined && <span className={styles.quiet}>{note}</span>}
              </dd>
            </div>
          ))}
          <div>
            <dt>{t.cost}</dt>
            <dd>
              <Money amount={nanoUsd(request.cost_nano_usd)} />{' '}
              {request.instance_id !== null && <span className={styles.quiet}>{t.ownInstance}</span>}
            </dd>
          </div>
        </dl>
      </section>
      <section className={styles.part}>
        <h3>{t.origin}</h3>
        <dl className={styles.fields}>
          <div>
            <dt>{t.key}</dt>
            <dd>{keyName(request.key_id, request.source_tag)}</dd>
          </div>
          <div>
            <dt>{t.tag}</dt>
            <dd>{request.source_tag ?? text.ui.none}</dd>
          </div>
          <div>
            <dt>{t.started}</dt>
            <dd>{`${dateText(request.started_at, zone)}, ${clockTextWithMs(request.started_at, zone)}`}</dd>
          </div>
        </dl>
      </section>
      {request.model !== null && (
        <Button
          variant="default"
          fullWidth
          leftSection={<IconTerminal2 size={16} stroke={1.6} aria-hidden="true" />}
          renderRoot={(props) => <Link to="/playground" search={{ model: request.model ?? undefined }} {...props} />}
        >
          {t.playground}
        </Button>
      )}
    </>
  );
}
