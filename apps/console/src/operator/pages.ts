import {
  IconAlertOctagon,
  IconBuilding,
  IconCoin,
  IconCpu,
  IconFileSearch,
  IconGauge,
  IconLayersSubtract,
  IconMap,
  IconScale,
  IconAdjustments,
  IconServer2,
  IconUser,
} from '@tabler/icons-react';
import type { ComponentType } from 'react';
import { operatorText as t } from '../text/operator.js';
import { AccountsPage } from './accounts/accounts-page.js';
import { InstancesPage } from './instances/instances-page.js';
import { LedgerPage } from './ledger/ledger-page.js';
import { AuditLogPage } from './operations/audit-log-page.js';
import { DeadLettersPage } from './operations/dead-letters-page.js';
import { ReconcilePage } from './operations/reconcile-page.js';
import { OverviewPage } from './overview/overview-page.js';
import { PlatformModelsPage } from './platform-models/platform-models-page.js';
import { GpuTypesPage } from './pricing/gpu-types-page.js';
import { PlansPage } from './pricing/plans-page.js';
import { RegionsPage } from './regions/regions-page.js';
import { UsersPage } from './users/users-page.js';

export interface OperatorPage {
  /** Below `/operator/`. */
  readonly path: string;
  readonly label: string;
  readonly icon: ComponentType<{ size: number; stroke: number; 'aria-hidden': 'true' }>;
  readonly component: ComponentType;
}

/** The pages of the side bar, in groups with a line between them. */
export const PAGE_GROUPS: readonly (readonly OperatorPage[])[] = [
  [
    { path: '', label: t.pages.overview, icon: IconGauge, component: OverviewPage },
    { path: 'accounts', label: t.pages.accounts, icon: IconBuilding, component: AccountsPage },
    { path: 'users', label: t.pages.users, icon: IconUser, component: UsersPage },
    { path: 'instances', label: t.pages.instances, icon: IconServer2, component: InstancesPage },
  ],
  [
    { path: 'regions', label: t.pages.regions, icon: IconMap, component: RegionsPage },
    { path: 'platform-models', label: t.pages.platformModels, icon: IconLayersSubtract, component: PlatformModelsPage },
    { path: 'gpu-types', label: t.pages.gpuTypes, icon: IconCpu, component: GpuTypesPage },
    { path: 'plans', label: t.pages.plans, icon: IconAdjustments, component: PlansPage },
  ],
  [
    { path: 'ledger', label: t.pages.ledger, icon: IconCoin, component: LedgerPage },
    { path: 'reconcile', label: t.pages.reconcile, icon: IconScale, component: ReconcilePage },
    { path: 'dead-letters', label: t.pages.deadLetters, icon: IconAlertOctagon, component: DeadLettersPage },
    { path: 'audit-log', label: t.pages.auditLog, icon: IconFileSearch, component: AuditLogPage },
  ],
];
