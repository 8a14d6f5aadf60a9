import { createFileRoute, redirect } from '@tanstack/react-router';
import { z } from 'zod';
import { meQuery } from '../features/session/queries.js';
import { LoginPage } from '../features/session/login-page.js';
import { safeNext } from '../features/session/safe-next.js';

const search = z.object({
  next: z.string().optional().catch(undefined),
  mode: z.enum(['signup', 'forgot']).optional().catch(undefined),
});

export const Route = createFileRoute('/login')({
  validateSearch: search,
  beforeLoad: async ({ context, search: { next } }) => {
    const me = await context.queryClient.query({ ...meQuery, retry: false }).catch(() => undefined);
    if (me !== undefined) throw redirect({ href: safeNext(next), replace: true });
  },
  component: LoginRoute,
});

function LoginRoute() {
  const { next, mode } = Route.useSearch();
  return <LoginPage next={next} mode={mode ?? 'signin'} />;
}
