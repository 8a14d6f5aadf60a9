import { Button, SegmentedControl } from '@mantine/core';
import type { Category } from '@ecolink/contracts';
import { IconCode, IconColumns2 } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useCallback } from 'react';
import { text } from '../../text/index.js';
import { PageHeader } from '../../ui/page-header.js';
import { useTitle } from '../../ui/use-title.js';
import { instancesQuery } from '../instances/queries.js';
import { ChatTab } from './chat/chat-tab.js';
import { callableModels, platformModelsQuery, startingInstances } from './models.js';
import styles from './playground.module.css';
import type { PlaygroundSearch, TabName } from './tab-props.js';

const OtherTab = lazy(() => import('./other/other-tab.js'));

const CATEGORIES: Readonly<Record<TabName, Category>> = {
  chat: 'chat',
  image: 'image',
  embeddings: 'embedding',
  reranker: 'reranker',
  audio: 'audio',
  video: 'video',
};
const TABS: readonly TabName[] = ['chat', 'image', 'embeddings', 'reranker', 'audio', 'video'];
const LAST_TAB_KEY = 'ecolink-playground-tab';
const COLUMNS_MAX = 3;

/** Tries models out: a tab for each category, over whatever of it can be called now. */
export function PlaygroundPage({ search }: { readonly search: PlaygroundSearch }) {
  const navigate = useNavigate({ from: '/playground' });
  const { data: instances = [], isPending } = useQuery(instancesQuery);
  const { data: platform = [] } = useQuery(platformModelsQuery);
  useTitle(text.playground.title);
  const onSearch = useCallback(
    (next: Partial<PlaygroundSearch>) => void navigate({ search: (before) => ({ ...before, ...next }), replace: true }),
    [navigate],
  );
  const toTab = (tab: string): void => {
    try {
      localStorage.setItem(LAST_TAB_KEY, tab);
    } catch {
      // The tab is in the address.
    }
    void navigate({ search: { tab: tab as TabName } });
  };
  const models = callableModels(instances, platform, CATEGORIES[search.tab]);
  const compare = (): void => {
    if (search.compare.length > 0) return onSearch({ compare: [] });
    const chosen = search.model ?? models[0]?.id;
    const other = models.find(({ id }) => id !== chosen)?.id ?? chosen;
    if (other !== undefined) onSearch({ compare: [other] });
  };
  const props = {
    search: { ...search, compare: search.compare.slice(0, COLUMNS_MAX - 1) },
    onSearch,
    models,
    instances,
    starting: startingInstances(instances),
  };
  return (
    <>
      <PageHeader
        title={text.playground.title}
        actions={
          <>
            {search.tab === 'chat' && (
              <Button
                variant={search.compare.length > 0 ? 'light' : 'subtle'}
                leftSection={<IconColumns2 size={16} stroke={1.6} aria-hidden="true" />}
                aria-pressed={search.compare.length > 0}
                onClick={compare}
              >
                {text.playground.compare}
              </Button>
            )}
            <Button
              variant="default"
              leftSection={<IconCode size={16} stroke={1.6} aria-hidden="true" />}
              onClick={() => onSearch({ view: 'code' })}
            >
              {text.playground.viewCode}
            </Button>
          </>
        }
      >
        <div className={styles.tabs}>
          <SegmentedControl
            aria-label={text.playground.tabsLabel}
            value={search.tab}
            onChange={toTab}
            data={TABS.map((value) => ({ value, label: text.playground.tabs[value] }))}
          />
        </div>
      </PageHeader>
      {isPending ? null : search.tab === 'chat' ? (
        <ChatTab {...props} />
      ) : (
        <Suspense>
          <OtherTab key={search.tab} {...props} />
        </Suspense>
      )}
    </>
  );
}
