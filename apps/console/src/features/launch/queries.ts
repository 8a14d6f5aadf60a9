import { queryOptions } from '@tanstack/react-query';
import { api, take } from '../../api/client.js';
import type { JsonOf } from '../../api/json-of.js';
import type { LaunchBody } from './launch-form.js';

/** GPU types with their rates and what is free; with a model, whether they hold it. */
export const gpuTypesQuery = (modelId: string | undefined) =>
  queryOptions({
    queryKey: ['instances', 'gpu-types', modelId],
    queryFn: async () => {
      const query = modelId === undefined ? {} : { model_id: modelId };
      return (await take(api.GET('/api/v1/gpu-types', { params: { query } }))).data;
    },
    placeholderData: (before: GpuTypes | undefined) => before,
  });

export const regionsQuery = queryOptions({
  queryKey: ['instances', 'regions'],
  queryFn: async () => (await take(api.GET('/api/v1/regions'))).data,
});

type GpuTypes = JsonOf<'/api/v1/gpu-types'>['data'];
export type GpuType = GpuTypes[number];
export type Region = Awaited<ReturnType<NonNullable<typeof regionsQuery.queryFn>>>[number];

async function quote(body: LaunchBody) {
  return take(api.POST('/api/v1/instances/quote', { body: body as never }));
}

export type Quote = Awaited<ReturnType<typeof quote>>;

/** What a launch would take; asked again whenever the body changes. */
export const quoteQuery = (body: LaunchBody | undefined) =>
  queryOptions({
    queryKey: ['instances', 'quote', body],
    queryFn: async (): Promise<Quote> => {
      if (body === undefined) throw new Error('nothing to quote');
      return quote(body);
    },
    enabled: body !== undefined,
    staleTime: 0,
    retry: false,
    placeholderData: (before: Quote | undefined) => before,
  });
