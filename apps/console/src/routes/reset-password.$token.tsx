import { createFileRoute } from '@tanstack/react-router';
import { ResetPage } from '../features/session/reset-page.js';

/** The link of a mail, or of an operator, that sets a new password once. */
export const Route = createFileRoute('/reset-password/$token')({ component: ResetRoute });

function ResetRoute() {
  return <ResetPage token={Route.useParams().token} />;
}
