import { Database, IdempotencyKeys } from '@ecolink/database';
import type { DeadLetters, EventBus } from '@ecolink/messaging';
import {
  ADMIN_TOKENS,
  AdminGuard,
  Authorizer,
  idempotencyProviders,
  INTERNAL_SECRET,
  InternalGuard,
  PrincipalGuard,
} from '@ecolink/service-kit';
import { type DynamicModule, Module } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { Accounts } from './accounts/accounts.service.js';
import { AdminAccountsController } from './accounts/admin-accounts.controller.js';
import { InternalAccountsController } from './accounts/internal-accounts.controller.js';
import { SeedDemoAccount } from './accounts/seed-demo-account.js';
import { AuditController } from './audit/audit.controller.js';
import { AuditInterceptor } from './audit/audit.interceptor.js';
import { AuditLog } from './audit/audit-log.store.js';
import { InternalAuthController } from './authorize/internal-auth.controller.js';
import { LocalAuthorizer } from './authorize/local-authorizer.js';
import { ManagementKeys } from './authorize/management-keys.service.js';
import { Me } from './authorize/me.service.js';
import { BillingController } from './billing/billing.controller.js';
import { Billing } from './billing/billing.service.js';
import { AdminDeadLettersController } from './dead-letters/admin-dead-letters.controller.js';
import { AdminEventsController } from './events/admin-events.controller.js';
import { CLOCK, type Clock, DEAD_LETTER_SINK, EVENT_BUS, SETTINGS, type Settings } from './injection.js';
import { ApiKeysController } from './keys/api-keys.controller.js';
import { ApiKeys } from './keys/api-keys.service.js';
import { AdminLedgerController } from './ledger/admin-ledger.controller.js';
import { Credits } from './ledger/credits.service.js';
import { LedgerVerifier } from './ledger/ledger-verifier.js';
import { TrialBalances } from './ledger/trial-balances.service.js';
import { AdminPlansController } from './plans/admin-plans.controller.js';
import { Plans } from './plans/plans.service.js';
import { PricesController } from './prices/prices.controller.js';
import { PriceList } from './prices/prices.service.js';
import { ProjectionsController } from './projections/projections.controller.js';
import { Projections } from './projections/projections.store.js';
import { SessionController } from './session/session.controller.js';
import { Sessions } from './session/sessions.service.js';
import { PostUsage } from './usage/post-usage.js';
import { UsageConsumer } from './usage/usage.consumer.js';

const CONTROLLERS = [
  AdminAccountsController,
  AdminDeadLettersController,
  AdminEventsController,
  AdminLedgerController,
  AdminPlansController,
  ApiKeysController,
  AuditController,
  BillingController,
  InternalAccountsController,
  InternalAuthController,
  PricesController,
  ProjectionsController,
  SessionController,
  UsageConsumer,
];

const GUARDS = [AdminGuard, InternalGuard, PrincipalGuard];

const SERVICES = [
  Accounts,
  ApiKeys,
  AuditLog,
  Billing,
  Credits,
  LedgerVerifier,
  ManagementKeys,
  Me,
  Plans,
  PostUsage,
  PriceList,
  Projections,
  SeedDemoAccount,
  Sessions,
  TrialBalances,
];

/** What the module is made of. */
export interface AuthBillingParts {
  readonly database: Database;
  readonly bus: EventBus;
  readonly internalSecret: string;
  /** Operators' tokens: token → name. */
  readonly adminTokens: ReadonlyMap<string, string>;
  readonly deadLetters: DeadLetters;
  readonly clock: Clock;
  readonly settings: Settings;
}

@Module({})
export class AuthBillingModule {
  static of(parts: AuthBillingParts): DynamicModule {
    return {
      module: AuthBillingModule,
      controllers: CONTROLLERS,
      providers: [
        ...GUARDS,
        ...SERVICES,
        // The audit goes first: it sees repeated calls, too.
        { provide: APP_INTERCEPTOR, useClass: AuditInterceptor },
        ...idempotencyProviders(new IdempotencyKeys(parts.database)),
        { provide: Authorizer, useClass: LocalAuthorizer },
        { provide: Database, useValue: parts.database },
        { provide: EVENT_BUS, useValue: parts.bus },
        { provide: DEAD_LETTER_SINK, useValue: parts.deadLetters },
        { provide: INTERNAL_SECRET, useValue: parts.internalSecret },
        { provide: ADMIN_TOKENS, useValue: parts.adminTokens },
        { provide: CLOCK, useValue: parts.clock },
        { provide: SETTINGS, useValue: parts.settings },
      ],
    };
  }
}
