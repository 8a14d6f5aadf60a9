import type { Instance } from '../instances/queries.js';
import type { PickedModel } from './models.js';

export type TabName = 'chat' | 'image' | 'embeddings' | 'reranker' | 'audio' | 'video';

export interface PlaygroundSearch {
  readonly tab: TabName;
  readonly model?: string | undefined;
  readonly compare: string[];
  readonly view?: 'code' | undefined;
  readonly c?: string | undefined;
}

/** What every tab is given. */
export interface TabProps {
  readonly search: PlaygroundSearch;
  readonly onSearch: (next: Partial<PlaygroundSearch>) => void;
  readonly models: readonly PickedModel[];
  readonly instances: readonly Instance[];
  readonly starting: readonly Instance[];
}
