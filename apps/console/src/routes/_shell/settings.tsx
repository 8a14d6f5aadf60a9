import { createFileRoute } from '@tanstack/react-router';
import { z } from 'zod';
import { SETTINGS_TABS, SettingsPage } from '../../features/settings/settings-page.js';

export const Route = createFileRoute('/_shell/settings')({
  validateSearch: z.object({ tab: z.enum(SETTINGS_TABS).optional().catch(undefined) }),
  component: SettingsRoute,
});

function SettingsRoute() {
  return <SettingsPage tab={Route.useSearch().tab ?? 'profile'} />;
}
