import { z } from 'zod';
import * as accounts from '../api/accounts.js';
import * as alertChannels from '../api/alert-channels.js';
import * as apiKeys from '../api/api-keys.js';
import * as playground from '../api/playground.js';
import * as billing from '../api/billing.js';
import * as budgets from '../api/budgets.js';
import * as events from '../api/events.js';
import * as inference from '../api/inference.js';
import { INFERENCE_SCHEMAS } from '../api/inference-dialects.js';
import * as instanceMetrics from '../api/instance-metrics.js';
import * as instanceRevisions from '../api/instance-revisions.js';
import * as instances from '../api/instances.js';
import * as models from '../api/models.js';
import * as notifications from '../api/notifications.js';
import * as overviews from '../api/overview.js';
import * as payments from '../api/payments.js';
import * as plans from '../api/plans.js';
import * as platformModels from '../api/platform-models.js';
import * as requests from '../api/requests.js';
import * as reconciliation from '../api/reconciliation.js';
import * as regions from '../api/regions.js';
import * as service from '../api/service.js';
import * as session from '../api/session.js';
import * as signup from '../api/signup.js';
import * as team from '../api/team.js';
import * as totp from '../api/totp.js';
import * as oidc from '../api/oidc.js';
import * as users from '../api/users.js';
import { errorAnswer } from '../errors.js';
import { nanoUsdText, nanoUsdTextNonNegative } from '../money.js';
import { pricesDto, pricesInput, unitsDto } from '../pricing.js';

/** Names of the schemas in the published document. Every body and answer of a route stands here. */
const NAMES: Readonly<Record<string, z.ZodType>> = {
  Error: errorAnswer,
  JsonValue: regions.jsonValue,
  NanoUsd: nanoUsdText,
  NanoUsdNonNegative: nanoUsdTextNonNegative,
  Prices: pricesDto,
  PricesInput: pricesInput,
  Units: unitsDto,

  ChatCompletionRequest: inference.chatCompletionRequest,
  CompletionRequest: inference.completionRequest,
  EmbeddingRequest: inference.embeddingRequest,
  GenerationAnswer: inference.generationAnswer,
  EmbeddingAnswer: inference.embeddingAnswer,
  ...INFERENCE_SCHEMAS,
  ListedModel: inference.listedModel,
  ListedModels: inference.listedModels,
  PlatformModelOffers: inference.platformModelOffers,

  Health: service.healthReport,
  Readiness: service.readinessReport,
  OpenApiDocument: service.openApiDocument,

  CreateSession: session.createSession,
  SetActiveAccount: session.setActiveAccount,
  Me: session.meView,
  User: session.userView,
  AccountOfUser: session.accountOfUser,
  PatchMe: session.patchMe,
  PutPassword: session.putPassword,
  DeleteMe: session.deleteMe,
  RequestPasswordReset: session.requestPasswordReset,
  ResetPassword: session.resetPassword,
  SignupInfo: signup.signupInfo,
  SignUp: signup.signUp,
  SignedUp: signup.signedUp,
  AdminUser: users.adminUser,
  AdminUserList: users.adminUserList,
  ResetLink: users.resetLink,
  GiveSecondFactor: oidc.giveSecondFactor,
  StartedTotp: totp.startedTotp,
  ConfirmTotp: totp.confirmTotp,
  ConfirmedTotp: totp.confirmedTotp,
  AccountSettings: team.accountSettings,
  PatchAccountSettings: team.patchAccountSettings,
  Member: team.memberView,
  MemberList: team.memberList,
  PatchMember: team.patchMember,
  CreateInvite: team.createInvite,
  Invite: team.inviteView,
  InviteList: team.inviteList,
  InvitePreview: team.invitePreview,
  AcceptInvite: team.acceptInvite,
  AcceptedInvite: team.acceptedInvite,
  AccountAuditEntry: team.accountAuditEntry,
  AccountAuditLog: team.accountAuditLog,

  CreateApiKey: apiKeys.createApiKey,
  CreatedApiKey: apiKeys.createdApiKey,
  PatchApiKey: apiKeys.patchApiKey,
  RotateApiKey: apiKeys.rotateApiKey,
  RevokedApiKey: apiKeys.revokedApiKey,
  ApiKey: apiKeys.apiKeyView,
  ApiKeyList: apiKeys.apiKeyList,
  CreatePlaygroundToken: playground.createPlaygroundToken,
  PlaygroundToken: playground.playgroundToken,

  CreateBudget: budgets.createBudget,
  PatchBudget: budgets.patchBudget,
  RaiseBudget: budgets.raiseBudget,
  Budget: budgets.budgetView,
  BudgetList: budgets.budgetList,

  Notification: notifications.notificationView,
  NotificationList: notifications.notificationList,
  ReadNotifications: notifications.readNotifications,
  UnreadNotifications: notifications.unreadNotifications,
  CreateAlertChannel: alertChannels.createAlertChannel,
  CreatedAlertChannel: alertChannels.createdAlertChannel,
  PatchAlertChannel: alertChannels.patchAlertChannel,
  AlertChannel: alertChannels.alertChannelView,
  AlertChannelList: alertChannels.alertChannelList,
  AlertDelivery: alertChannels.alertDeliveryView,
  AlertDeliveryList: alertChannels.alertDeliveryList,
  CreateTopUp: payments.createTopUp,
  TopUp: payments.topUpView,
  PutAutoRecharge: payments.putAutoRecharge,
  AutoRecharge: payments.autoRechargeView,
  Card: payments.cardView,
  WebhookReceipt: payments.webhookReceipt,

  BillingSummary: billing.billingSummary,
  Transaction: billing.transactionView,
  TransactionList: billing.transactionList,
  UsageReport: billing.usageReport,
  BilledCallList: billing.callList,
  RequestView: requests.requestView,
  RequestList: requests.requestList,
  RequestsHistogram: requests.requestsHistogram,
  TrialBalance: billing.trialBalance,
  Overview: overviews.overview,
  Reconciliation: reconciliation.reconciliation,
  ReconciledDifference: reconciliation.reconciledDifference,

  CreateModel: models.createModel,
  UpdateModel: models.updateModel,
  Model: models.model,
  ModelList: models.modelList,

  LaunchInstance: instances.launchInstance,
  LaunchOnGpus: instances.launchGpu,
  LaunchExternal: instances.launchExternal,
  PodInput: instances.podInput,
  ReplacePods: instances.replacePods,
  InstanceQuote: instances.instanceQuote,
  TestPod: instances.testPod,
  TestPodResult: instances.testPodResult,
  Instance: instances.instance,
  InstanceList: instances.instanceList,
  InstanceEventList: instances.instanceEventList,
  InstanceLogs: instances.instanceLogs,
  PatchInstance: instanceRevisions.updateInstance,
  InstanceRevisionList: instanceRevisions.instanceRevisionList,
  InstanceMetrics: instanceMetrics.instanceMetrics,
  RegionList: regions.regionList,
  GpuTypeList: regions.gpuTypeList,
  PutGpuType: regions.putGpuType,
  GpuType: regions.gpuType,

  CreateAccount: accounts.createAccount,
  PatchAccount: accounts.patchAccount,
  Account: accounts.accountView,
  AccountList: accounts.accountList,
  CreateCredit: accounts.createCredit,
  PutPlan: plans.putPlan,
  Plan: plans.planView,
  PlanList: plans.planList,
  EventPage: events.eventPage,
  DeadLetter: events.deadLetterView,
  DeadLetterList: events.deadLetterList,
  AuditLog: events.auditLog,

  PutPlatformModel: platformModels.putPlatformModel,
  PatchPlatformModel: platformModels.patchPlatformModel,
  PlatformModel: platformModels.adminPlatformModel,
  PlatformModelList: platformModels.adminPlatformModelList,
  InstanceOfAccount: instances.adminInstance,
  InstanceOfAccountList: instances.adminInstanceList,
  UpdateInstance: instances.updateInstanceByAdmin,
  DrainInstance: instances.drainInstanceByAdmin,
  TerminateInstance: instances.terminateInstanceByAdmin,
  PutRegion: regions.putRegion,
  PatchRegion: regions.patchRegion,
  RegionWithGateway: regions.adminRegion,
  RegionWithGatewayList: regions.adminRegionList,
};

const nameOf = new Map(Object.entries(NAMES).map(([name, schema]) => [schema, name]));

/** A reference to a named schema. Throws for a schema without a name, so that none is left out of the document. */
export function referenceTo(schema: z.ZodType): { $ref: string } {
  const name = nameOf.get(schema);
  if (name === undefined) throw new Error('a schema of a route has no name in components.ts');
  return { $ref: `#/components/schemas/${name}` };
}

export type JsonSchema = Record<string, unknown>;

/** All named schemas as JSON Schema, as a client writes them: before defaults and transformations. */
export function componentSchemas(): Record<string, JsonSchema> {
  const registry = z.registry<{ id: string }>();
  for (const [schema, id] of nameOf) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, { ...asWritten, uri: (id) => `#/components/schemas/${id}` });
  return Object.fromEntries(Object.entries(schemas).map(([name, { $schema: _, $id: __, ...schema }]) => [name, schema]));
}

/** The fields of a query or the form of a path parameter. */
export function inlineSchema(schema: z.ZodType): JsonSchema {
  const { $schema: _, ...inline } = z.toJSONSchema(schema, asWritten);
  return inline;
}

const asWritten = {
  io: 'input',
  unrepresentable: 'any',
  override: ({ zodSchema, jsonSchema }: { zodSchema: z.core.$ZodTypes; jsonSchema: z.core.JSONSchema.BaseSchema }): void => {
    // The format says it; the pattern behind it is a screen wide.
    if (jsonSchema.format === 'date-time' || jsonSchema.format === 'date' || jsonSchema.format === 'email')
      delete jsonSchema.pattern;
    // Zod leaves out the default of what it transforms; a client wants to know it all the same.
    const { def } = zodSchema._zod;
    if (def.type === 'default' && jsonSchema.type === 'integer') jsonSchema.default = def.defaultValue;
    // Its two forms are tried in code, so that a refusal names the field of the chosen one.
    if ((zodSchema as z.core.$ZodType) === instances.launchInstance)
      jsonSchema.oneOf = [referenceTo(instances.launchGpu), referenceTo(instances.launchExternal)];
  },
} as const;
