import { createFileRoute, redirect } from '@tanstack/react-router';
import { instancesQuery } from '../../features/instances/queries.js';

/** The playground once something can be called there, the instances until then. */
export const Route = createFileRoute('/_shell/')({
  beforeLoad: async ({ context }) => {
    const instances = await context.queryClient.query({ ...instancesQuery, staleTime: 'static' }).catch(() => []);
    const callable = instances.some(({ state, openai_compatible }) => state === 'running' && openai_compatible);
    throw redirect({ to: callable ? '/playground' : '/instances' });
  },
});
