import { createFileRoute } from '@tanstack/react-router';
import { InvitePage } from '../features/session/invite-page.js';

/** The link of an invite, copied by hand. */
export const Route = createFileRoute('/invite/$token')({ component: InviteRoute });

function InviteRoute() {
  return <InvitePage token={Route.useParams().token} />;
}
