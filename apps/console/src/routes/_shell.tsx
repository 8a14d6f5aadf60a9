import { createFileRoute, redirect } from '@tanstack/react-router';
import { Problem } from '../api/problem.js';
import { meQuery } from '../features/session/queries.js';
import { AppShell } from '../shell/app-shell.js';

/** Everything behind a session. Without one the sign-in page comes first and leads back here. */
export const Route = createFileRoute('/_shell')({
  beforeLoad: async ({ context, location }) => {
    try {
      await context.queryClient.query({ ...meQuery, staleTime: 'static' });
    } catch (thrown) {
      if (thrown instanceof Problem && thrown.status === 401) throw redirect({ to: '/login', search: { next: location.href } });
      throw thrown;
    }
  },
  component: AppShell,
});
