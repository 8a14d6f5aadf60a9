import { queryOptions } from '@tanstack/react-query';
import { take } from '../../api/client.js';
import { adminApi } from '../api.js';

export const gpuTypesQuery = queryOptions({
  queryKey: ['gpu-types'],
  queryFn: async () => (await take(adminApi.GET('/admin/v1/gpu-types'))).data,
  refetchOnWindowFocus: false,
});
