import { createFileRoute } from '@tanstack/react-router';
import { z } from 'zod';
import { MessagesPage } from '../../features/notifications/messages-page.js';

export const Route = createFileRoute('/_shell/messages')({
  validateSearch: z.object({ show: z.enum(['unread', 'critical']).optional().catch(undefined) }),
  component: MessagesRoute,
});

function MessagesRoute() {
  return <MessagesPage shown={Route.useSearch().show ?? 'all'} />;
}
