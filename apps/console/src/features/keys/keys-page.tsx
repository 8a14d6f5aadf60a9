import { Checkbox, TextInput } from '@mantine/core';
import { IconKey, IconPlus, IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { toProblem } from '../../api/problem.js';
import { text } from '../../text/index.js';
import { Empty } from '../../ui/empty.js';
import { PageHeader } from '../../ui/page-header.js';
import page from '../../ui/page.module.css';
import { ProblemNotice } from '../../ui/problem-notice.js';
import { ReasonedButton } from '../../ui/reasoned-button.js';
import { RowsLoading } from '../../ui/rows-loading.js';
import { useTitle } from '../../ui/use-title.js';
import { useOwnersOnly } from '../users/queries.js';
import { CreatedDialog } from './created-dialog.js';
import { type KeyAction, KeysTable } from './keys-table.js';
import { type ApiKey, type CreatedKey, keysQuery } from './queries.js';
import { RevokeDialog } from './revoke-dialog.js';
import { RotateDialog } from './rotate-dialog.js';

const KeyDialog = lazy(() => import('./key-dialog.js'));

export interface KeysSearch {
  readonly q?: string | undefined;
  readonly revoked?: true | undefined;
  readonly create?: 'new' | undefined;
  readonly edit?: string | undefined;
}

export function KeysPage({ search }: { readonly search: KeysSearch }) {
  const navigate = useNavigate({ from: '/keys' });
  const { data: keys, error } = useQuery(keysQuery);
  const [asked, setAsked] = useState<Asked>();
  const [created, setCreated] = useState<CreatedKey>();
  const t = text.keys;
  const reason = useOwnersOnly(t.ownersOnly);
  useTitle(t.title);
  const go = (next: KeysSearch, replace = false): void => void navigate({ search: { ...search, ...next }, replace });
  const isEmpty = keys?.length === 0;
  const shown = keys?.filter((key) => isShown(key, search)) ?? [];
  const editing = keys?.find(({ id }) => id === search.edit);
  const button = (variant: 'filled' | 'default') => (
    <ReasonedButton
      variant={variant}
      leftSection={<IconPlus size={16} stroke={1.8} aria-hidden="true" />}
      onClick={() => go({ create: 'new' })}
      reason={reason}
    >
      {t.create}
    </ReasonedButton>
  );
  return (
    <>
      <PageHeader
        title={t.title}
        note={keys?.filter(({ status }) => status !== 'revoked').length}
        actions={button(isEmpty ? 'default' : 'filled')}
      />
      <div className={page.content}>
        {keys === undefined && <NotYet error={error} />}
        {isEmpty && (
          <Empty icon={IconKey} title={t.empty} action={button('filled')}>
            {t.emptyBody}
          </Empty>
        )}
        {keys !== undefined && !isEmpty && (
          <>
            <Filters search={search} onChange={(next) => go(next, true)} />
            {shown.length === 0 ? (
              <p>{t.nothing(search.q)}</p>
            ) : (
              <KeysTable
                keys={shown}
                editable={reason === undefined}
                onAction={(action, key) => (action === 'edit' ? go({ edit: key.id }) : setAsked({ action, apiKey: key }))}
              />
            )}
          </>
        )}
      </div>
      <Suspense>
        {reason === undefined && (search.create !== undefined || editing !== undefined) && (
          <KeyDialog apiKey={editing} onClose={() => go({ create: undefined, edit: undefined })} onCreated={setCreated} />
        )}
      </Suspense>
      {asked !== undefined && <AskedDialog {...asked} onClose={() => setAsked(undefined)} onCreated={setCreated} />}
      {created !== undefined && <CreatedDialog created={created} onDone={() => setCreated(undefined)} />}
    </>
  );
}

interface Asked {
  readonly action: KeyAction;
  readonly apiKey: ApiKey;
}

interface AskedDialogProps extends Asked {
  readonly onClose: () => void;
  readonly onCreated: (created: CreatedKey) => void;
}

function AskedDialog({ action, apiKey, onClose, onCreated }: AskedDialogProps) {
  if (action === 'rotate') return <RotateDialog apiKey={apiKey} onClose={onClose} onCreated={onCreated} />;
  return <RevokeDialog apiKey={apiKey} onClose={onClose} />;
}

function isShown(key: ApiKey, { q = '', revoked }: KeysSearch): boolean {
  if (key.status === 'revoked' && revoked !== true) return false;
  const words = `${key.name} ${key.source_tag ?? ''} ${key.prefix}`.toLowerCase();
  return words.includes(q.trim().toLowerCase());
}

function NotYet({ error }: { readonly error: Error | null }) {
  return error === null ? <RowsLoading rows={4} /> : <ProblemNotice problem={toProblem(error)} />;
}

interface FiltersProps {
  readonly search: KeysSearch;
  readonly onChange: (next: KeysSearch) => void;
}

function Filters({ search, onChange }: FiltersProps) {
  const t = text.keys;
  return (
    <div className={page.filters}>
      <TextInput
        className={page.find}
        leftSection={<IconSearch size={15} stroke={1.7} aria-hidden="true" />}
        placeholder={t.find}
        aria-label={t.find}
        value={search.q ?? ''}
        onChange={(event) => onChange({ q: event.currentTarget.value === '' ? undefined : event.currentTarget.value })}
      />
      <Checkbox
        label={t.showRevoked}
        checked={search.revoked === true}
        onChange={(event) => onChange({ revoked: event.currentTarget.checked ? true : undefined })}
      />
    </div>
  );
}
