import { useHotkeys, useMediaQuery } from '@mantine/hooks';
import { lazy, Suspense, useCallback, useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import { text } from '../../../text/index.js';
import { useActiveAccount } from '../../session/queries.js';
import { ModelNote } from '../model-note.js';
import { ModelPicker } from '../model-picker.js';
import type { PlaygroundSearch, TabProps } from '../tab-props.js';
import type { CodeRequest } from '../snippets.js';
import { chatRequest } from './chat-request.js';
import styles from './chat.module.css';
import { Column } from './column.js';
import { ColumnBar } from './column-bar.js';
import { Composer } from './composer.js';
import { ConversationList } from './conversation-list.js';
import { Rail } from './rail.js';
import type { ChatSettings, Turn } from './turn.js';
import { useBestFigures } from './use-best-figures.js';
import { useChatSessions } from './use-chat-sessions.js';
import { Drawer } from '../../../ui/dialog.js';

/** Loaded while the first message is being typed, so that no answer is shown raw. */
const warm = (): void => void import('../markdown/answer-text.js').catch(() => undefined);

const CodeDrawer = lazy(() => import('../code-drawer.js'));
const WIDE = '(min-width: 1181px)';

/** Chat with one model, or with several side by side under one composer. */
export function ChatTab({ search, onSearch, models, instances, starting }: TabProps) {
  const account = useActiveAccount();
  const isWide = useMediaQuery(WIDE, window.matchMedia(WIDE).matches);
  const [railOpened, setRailOpened] = useState(false);
  const [editing, setEditing] = useState<string>();
  const chosen = useMemo(() => [search.model ?? models[0]?.id ?? '', ...search.compare], [search.model, search.compare, models]);
  const onConversation = useCallback((c: string | undefined) => onSearch({ c }), [onSearch]);
  const { sessions, settings, changeSettings, restore, startAnew, currentId } = useChatSessions({
    models: chosen,
    accountId: account?.id ?? '',
    conversationId: search.c,
    onConversation,
  });
  const first = sessions[0];
  const compares = chosen.length > 1;
  const open = useCallback(
    (id: string) => void restore(id).then((model) => onSearch({ c: id, compare: [], ...(model === undefined ? {} : { model }) })),
    [restore, onSearch],
  );
  // A link or a reload brings the conversation back.
  useEffect(() => {
    if (search.c !== undefined && first?.state().turns.length === 0) open(search.c);
  }, []);
  useEffect(warm, []);
  const best = useBestFigures(sessions);
  const { turns, busy } = useAll(sessions);
  const choose = (index: number, id: string): void =>
    index === 0
      ? onSearch({ model: id })
      : onSearch({ compare: search.compare.map((model, at) => (at === index - 1 ? id : model)) });
  const pickedOf = (id: string) => models.find((model) => model.id === id);
  const fresh = (): void => {
    setEditing(undefined);
    startAnew();
  };
  useHotkeys(
    [
      ['mod+shift+N', fresh],
      ['mod+shift+C', () => onSearch({ view: 'code' })],
      ['mod+/', () => document.querySelector<HTMLElement>('[data-composer]')?.focus()],
    ],
    [],
  );
  const rail = <Rail settings={settings} turns={turns} onChange={changeSettings} />;
  const bar = (index: number) => (
    <ColumnBar
      picker={
        <ModelPicker
          models={models}
          starting={starting}
          value={chosen[index] === '' ? undefined : chosen[index]}
          onChange={(id) => choose(index, id)}
        />
      }
      note={
        compares ? null : (
          <ModelNote picked={pickedOf(chosen[0] ?? '')} absent={instances.find(({ model }) => model === chosen[0])} />
        )
      }
      conversations={compares ? null : <ConversationList accountId={account?.id ?? ''} onOpen={open} />}
      onSettings={isWide || index > 0 ? undefined : () => setRailOpened(true)}
      onClose={compares ? () => onSearch(withoutColumn(chosen, index)) : undefined}
      onFresh={fresh}
    />
  );
  return (
    <div className={isWide && !compares ? styles.tab : styles.tabWide}>
      <div className={styles.stage}>
        {!compares && bar(0)}
        <div className={styles.columns}>
          {sessions.map((session, index) => (
            <Column
              key={index}
              session={session}
              editing={editing}
              onEditing={setEditing}
              {...(compares ? { best: best[index] ?? {}, head: bar(index) } : {})}
            />
          ))}
        </div>
        <Composer
          key={currentId.current}
          placeholder={compares ? text.playground.askAll : text.playground.message(chosen[0] ?? '')}
          note={text.playground.billedTo(account?.name ?? '')}
          busy={busy}
          disabled={chosen.some((id) => pickedOf(id) === undefined)}
          onSend={(message, images) => sessions.forEach((session) => session.send(message, images))}
          onStop={() => sessions.forEach((session) => session.stop())}
          onEditLast={() => setEditing(turns.findLast((turn) => turn.kind === 'user')?.id)}
        />
      </div>
      {isWide && !compares && (
        <aside className={styles.rail} aria-label={text.playground.settings}>
          {rail}
        </aside>
      )}
      <Drawer
        opened={railOpened && !(isWide && !compares)}
        onClose={() => setRailOpened(false)}
        title={text.playground.settingsOpen}
        size={340}
        padding={0}
      >
        {rail}
      </Drawer>
      <Suspense>
        {search.view === 'code' && (
          <CodeDrawer
            opened
            onClose={() => onSearch({ view: undefined })}
            request={codeRequest(chosen[0] ?? '', settings, turns)}
          />
        )}
      </Suspense>
    </div>
  );
}

/** The request that led to the last answer, or would lead to the first. */
function codeRequest(model: string, settings: ChatSettings, turns: readonly Turn[]): CodeRequest {
  const asked = turns.at(-1)?.kind === 'answer' ? turns.slice(0, -1) : turns;
  const example: Turn = { kind: 'user', id: '', text: 'Hello', images: [] };
  return {
    path: '/chat/completions',
    body: { ...chatRequest(model, settings, asked.length === 0 ? [example] : asked) },
    sdk: { python: 'chat.completions.create', typescript: 'chat.completions.create' },
    answer: 'stream',
  };
}

function withoutColumn(chosen: readonly string[], index: number): Partial<PlaygroundSearch> {
  const [model, ...compare] = chosen.filter((_, at) => at !== index);
  return { model, compare };
}

/** The first session's turns, and whether any is busy. */
function useAll(sessions: ReturnType<typeof useChatSessions>['sessions']) {
  const subscribe = useCallback(
    (listener: () => void) => {
      const stops = sessions.map((session) => session.subscribe(listener));
      return () => stops.forEach((stop) => stop());
    },
    [sessions],
  );
  const turns = useSyncExternalStore(subscribe, () => sessions[0]?.state().turns ?? NO_TURNS);
  const busy = useSyncExternalStore(subscribe, () => sessions.some((session) => session.state().busy));
  return { turns, busy };
}

const NO_TURNS: readonly never[] = [];
