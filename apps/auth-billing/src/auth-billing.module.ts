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
import { Accounts } from './identity/accounts/accounts.service.js';
import { AccountErasure } from './identity/deletion/account-erasure.js';
import { DeleteAccount } from './identity/deletion/delete-account.js';
import { DeleteUser } from './identity/deletion/delete-user.js';
import { AdminAccountsController } from './identity/accounts/admin-accounts.controller.js';
import { InternalAccountsController } from './identity/accounts/internal-accounts.controller.js';
import { SeedDemoAccount } from './identity/accounts/seed-demo-account.js';
import { AuditConsumer } from './operations/audit/audit.consumer.js';
import { AuditController } from './operations/audit/audit.controller.js';
import { AuditInterceptor } from './operations/audit/audit.interceptor.js';
import { AuditLog } from './operations/audit/audit-log.store.js';
import { InternalAuthController } from './identity/authorize/internal-auth.controller.js';
import { CallRates } from './identity/authorize/call-rates.service.js';
import { LocalAuthorizer } from './identity/authorize/local-authorizer.js';
import { ManagementKeys } from './identity/authorize/management-keys.service.js';
import { Principals } from './identity/authorize/principals.service.js';
import { Me } from './identity/authorize/me.service.js';
import { BudgetsController } from './budgets/budgets.controller.js';
import { Budgets } from './budgets/budgets.service.js';
import { BillingController } from './reports/billing.controller.js';
import { Billing } from './reports/billing.service.js';
import { AdminDeadLettersController } from './operations/dead-letters/admin-dead-letters.controller.js';
import { AdminEventsController } from './operations/events/admin-events.controller.js';
import { CLOCK, type Clock, DEAD_LETTER_SINK, EVENT_BUS, SETTINGS, type Settings, PAYMENT_PROVIDER } from './injection.js';
import { ApiKeysController } from './identity/keys/api-keys.controller.js';
import { PlaygroundController } from './identity/playground/playground.controller.js';
import { PlaygroundTokens } from './identity/playground/playground-tokens.service.js';
import { ApiKeys } from './identity/keys/api-keys.service.js';
import { KeyChanges } from './identity/keys/key-changes.service.js';
import { KeyUses } from './identity/keys/key-uses.service.js';
import { AdminLedgerController } from './ledger/admin-ledger.controller.js';
import { Credits } from './ledger/credits.service.js';
import { UsageDays } from './charges/days/usage-days.service.js';
import { LedgerVerifier } from './ledger/ledger-verifier.js';
import { AdminReconcileController } from './ledger/reconcile/admin-reconcile.controller.js';
import { Reconcile } from './ledger/reconcile/reconcile.service.js';
import { TrialBalances } from './ledger/trial-balances.service.js';
import { AutoRecharge } from './payments/auto-recharge.js';
import type { PaymentProvider } from './payments/payment-provider.js';
import { PaymentsController } from './payments/payments.controller.js';
import { Payments } from './payments/payments.service.js';
import { StripeProvider } from './payments/stripe-provider.js';
import { StripeWebhook } from './payments/stripe-webhook.js';
import { StripeWebhookController } from './payments/stripe-webhook.controller.js';
import { testProvider } from './payments/test-provider.js';
import { AdminPlansController } from './pricing/plans/admin-plans.controller.js';
import { Plans } from './pricing/plans/plans.service.js';
import { PricesController } from './pricing/prices/prices.controller.js';
import { PriceList } from './pricing/prices/prices.service.js';
import { AdminOverviewController } from './operations/overview/admin-overview.controller.js';
import { ShowOverview } from './operations/overview/overview.service.js';
import { RouterContacts } from './operations/overview/router-contacts.js';
import { ProjectionsController } from './operations/projections/projections.controller.js';
import { Projections } from './operations/projections/projections.store.js';
import { OidcProvider } from './identity/oidc/oidc-provider.js';
import { OidcSignIn } from './identity/oidc/oidc-sign-in.service.js';
import { OidcController } from './identity/oidc/oidc.controller.js';
import { SecondFactorController } from './identity/sessions/second-factor.controller.js';
import { MembershipOfNewUser } from './identity/signup/membership-of-new-user.js';
import { ProfileController } from './identity/profile/profile.controller.js';
import { Profile } from './identity/profile/profile.service.js';
import { Passwords } from './identity/passwords/passwords.service.js';
import { MailResetLink } from './identity/reset/mail-reset-link.js';
import { PasswordResets } from './identity/reset/password-resets.service.js';
import { ResetController } from './identity/reset/reset.controller.js';
import { SessionCookies } from './identity/sessions/session-cookies.js';
import { SessionGuard } from './identity/sessions/session.guard.js';
import { SignIn } from './identity/sessions/sign-in.service.js';
import { SignUpService } from './identity/signup/sign-up.service.js';
import { SignupController } from './identity/signup/signup.controller.js';
import { AcceptInviteController } from './identity/team/accept-invite.controller.js';
import { AccountSettingsController } from './identity/team/account-settings.controller.js';
import { AccountSettingsService } from './identity/team/account-settings.service.js';
import { InviteTokens } from './identity/team/invite-tokens.js';
import { InvitesController } from './identity/team/invites.controller.js';
import { Invites } from './identity/team/invites.service.js';
import { MembersController } from './identity/team/members.controller.js';
import { Members } from './identity/team/members.service.js';
import { DeviceMarks } from './identity/throttle/device-cookie.js';
import { SignInThrottle } from './identity/throttle/sign-in-throttle.js';
import { SignupThrottle } from './identity/throttle/signup-throttle.js';
import { SecondFactor } from './identity/totp/second-factor.service.js';
import { TotpController } from './identity/totp/totp.controller.js';
import { AdminUsersController } from './identity/users/admin-users.controller.js';
import { Mailer } from './mail/mailer.js';
import { AccountAuditLogController } from './operations/audit/account-audit-log.controller.js';
import { SessionController } from './identity/sessions/session.controller.js';
import { Sessions } from './identity/sessions/sessions.service.js';
import { HoldSweeper } from './charges/gpu-hours/hold-sweeper.js';
import { Holds } from './charges/gpu-hours/holds.service.js';
import { InstancesConsumer } from './charges/gpu-hours/instances.consumer.js';
import { InternalHoldsController } from './charges/gpu-hours/internal-holds.controller.js';
import { MeterDeployments } from './charges/gpu-hours/meter-deployments.js';
import { ObserveInstance } from './charges/gpu-hours/observe-instance.js';
import { RefusalsConsumer } from './requests/refusals.consumer.js';
import { RequestLog } from './requests/request-log.service.js';
import { InstanceMetricsReport } from './requests/instance-metrics.service.js';
import { InternalMetricsController } from './requests/internal-metrics.controller.js';
import { RequestsController } from './requests/requests.controller.js';
import { Requests } from './requests/requests.service.js';
import { StoredMetrics } from './operations/metrics/stored-metrics.service.js';
import { UsageMonths } from './charges/months/usage-months.service.js';
import { PostUsage } from './charges/calls/post-usage.js';
import { UsageConsumer } from './charges/calls/usage.consumer.js';
import { NOTIFICATION_CONTROLLERS, NOTIFICATION_SERVICES } from './notifications/parts.js';

const IDENTITY_CONTROLLERS = [
  AcceptInviteController,
  AccountAuditLogController,
  AccountSettingsController,
  AdminUsersController,
  InvitesController,
  MembersController,
  OidcController,
  ProfileController,
  ResetController,
  SecondFactorController,
  SignupController,
  TotpController,
];

const CONTROLLERS = [
  PaymentsController,
  StripeWebhookController,
  BudgetsController,
  RefusalsConsumer,
  RequestsController,
  AuditConsumer,
  InternalMetricsController,
  InstancesConsumer,
  InternalHoldsController,
  ...IDENTITY_CONTROLLERS,
  AdminAccountsController,
  AdminDeadLettersController,
  AdminEventsController,
  AdminLedgerController,
  AdminOverviewController,
  AdminPlansController,
  AdminReconcileController,
  ApiKeysController,
  PlaygroundController,
  AuditController,
  BillingController,
  InternalAccountsController,
  InternalAuthController,
  PricesController,
  ProjectionsController,
  SessionController,
  UsageConsumer,
  ...NOTIFICATION_CONTROLLERS,
];

const GUARDS = [AdminGuard, InternalGuard, PrincipalGuard, SessionGuard];

const IDENTITY_SERVICES = [
  CallRates,
  Principals,
  AccountErasure,
  DeleteAccount,
  DeleteUser,
  AccountSettingsService,
  DeviceMarks,
  InviteTokens,
  Invites,
  Mailer,
  MailResetLink,
  Members,
  MembershipOfNewUser,
  OidcProvider,
  OidcSignIn,
  PasswordResets,
  Passwords,
  Profile,
  SecondFactor,
  SessionCookies,
  SignIn,
  SignInThrottle,
  SignUpService,
  SignupThrottle,
];

const SERVICES = [
  AutoRecharge,
  Payments,
  StripeWebhook,
  Budgets,
  InstanceMetricsReport,
  RequestLog,
  Requests,
  Holds,
  HoldSweeper,
  MeterDeployments,
  ObserveInstance,
  ...IDENTITY_SERVICES,
  Accounts,
  ApiKeys,
  PlaygroundTokens,
  AuditLog,
  Billing,
  Credits,
  KeyChanges,
  KeyUses,
  LedgerVerifier,
  UsageDays,
  ManagementKeys,
  Me,
  Plans,
  PostUsage,
  PriceList,
  Projections,
  Reconcile,
  RouterContacts,
  ShowOverview,
  SeedDemoAccount,
  Sessions,
  TrialBalances,
  StoredMetrics,
  UsageMonths,
  ...NOTIFICATION_SERVICES,
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
        { provide: PAYMENT_PROVIDER, useFactory: () => ({ provider: providerOf(parts.settings) }) },
      ],
    };
  }
}

/** A key of Stripe's goes before the test provider: where real payments are taken none is made up. */
function providerOf({ stripe, testPayments }: Settings): PaymentProvider | undefined {
  if (stripe !== undefined) return new StripeProvider(stripe);
  return testPayments ? testProvider : undefined;
}
