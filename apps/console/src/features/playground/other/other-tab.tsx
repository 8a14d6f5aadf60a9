import type { TabProps } from '../tab-props.js';
import { AudioTab } from './audio-tab.js';
import { EmbeddingsTab } from './embeddings-tab.js';
import { ImageTab } from './image-tab.js';
import { RerankerTab } from './reranker-tab.js';
import { VideoTab } from './video-tab.js';

/** The tabs beside chat, in one chunk. */
export default function OtherTab(props: TabProps) {
  switch (props.search.tab) {
    case 'image':
      return <ImageTab {...props} />;
    case 'embeddings':
      return <EmbeddingsTab {...props} />;
    case 'reranker':
      return <RerankerTab {...props} />;
    case 'audio':
      return <AudioTab {...props} />;
    case 'video':
      return <VideoTab {...props} />;
    case 'chat':
      return null;
  }
}
