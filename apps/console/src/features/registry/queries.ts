import { queryOptions } from '@tanstack/react-query';
import { api, take } from '../../api/client.js';

const LIMIT = 100;

/** The account's models, newest first. */
export const modelsQuery = queryOptions({
  queryKey: ['models', 'list'],
  queryFn: async () => (await take(api.GET('/api/v1/models', { params: { query: { limit: LIMIT } } }))).data,
});

export type Model = Awaited<ReturnType<NonNullable<typeof modelsQuery.queryFn>>>[number];

/** What a source is, in one line. */
export function sourceText(source: Model['source']): string {
  switch (source.kind) {
    case 'huggingface':
      return source.repo;
    case 'filesystem':
      return `${source.filesystem}:${source.path} (${source.region})`;
    case 'platform':
      return source.platform_model_id;
    case 'external':
      return '';
  }
}
