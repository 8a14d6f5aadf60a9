import { queryOptions } from '@tanstack/react-query';
import { take } from '../../api/client.js';
import { adminApi, type Schemas } from '../api.js';
import { instancesInUse } from '../instances/queries.js';
import { servedByRegionAlone } from './served-by-region-alone.js';

export type Region = Schemas['RegionWithGateway'];

export const regionsQuery = queryOptions({
  queryKey: ['regions'],
  queryFn: async () => (await take(adminApi.GET('/admin/v1/regions'))).data,
  refetchOnWindowFocus: false,
});

/** What draining a region would end; asked afresh each time. */
export const drainEffectQuery = (region: string) =>
  queryOptions({
    queryKey: ['regions', region, 'drain'],
    queryFn: async () => {
      const [regions, seen] = await Promise.all([take(adminApi.GET('/admin/v1/regions')), instancesInUse()]);
      const active = regions.data.filter(({ state }) => state === 'active').map((one) => one.region);
      return { models: servedByRegionAlone(seen.instances, region, active), isAll: seen.isAll };
    },
    staleTime: 0,
    refetchOnWindowFocus: false,
  });
