import { z } from 'zod';
import * as accounts from '../api/accounts.js';
import * as apiKeys from '../api/api-keys.js';
import * as billing from '../api/billing.js';
import * as events from '../api/events.js';
import * as inference from '../api/inference.js';
import * as instances from '../api/instances.js';
import * as models from '../api/models.js';
import * as plans from '../api/plans.js';
import * as platformModels from '../api/platform-models.js';
import * as regions from '../api/regions.js';
import * as service from '../api/service.js';
import * as session from '../api/session.js';
import { errorAnswer } from '../errors.js';
import { nanoUsdText, nanoUsdTextNonNegative } from '../money.js';
import { pricesDto, unitsDto } from '../pricing.js';

/** Names of the schemas in the published document. Every body and answer of a route stands here. */
const NAMES: Readonly<Record<string, z.ZodType>> = {
  Error: errorAnswer,
  JsonValue: regions.jsonValue,
  NanoUsd: nanoUsdText,
  NanoUsdNonNegative: nanoUsdTextNonNegative,
  Prices: pricesDto,
  Units: unitsDto,

  ChatCompletionRequest: inference.chatCompletionRequest,
  CompletionRequest: inference.completionRequest,
  EmbeddingRequest: inference.embeddingRequest,
  GenerationAnswer: inference.generationAnswer,
  EmbeddingAnswer: inference.embeddingAnswer,
  ListedModel: inference.listedModel,
  ListedModels: inference.listedModels,
  PlatformModelOffers: inference.platformModelOffers,

  Health: service.healthReport,
  Readiness: service.readinessReport,
  OpenApiDocument: service.openApiDocument,

  CreateSession: session.createSession,
  SetActiveAccount: session.setActiveAccount,
  Me: session.meView,

  CreateApiKey: apiKeys.createApiKey,
  CreatedApiKey: apiKeys.createdApiKey,
  ApiKey: apiKeys.apiKeyView,
  ApiKeyList: apiKeys.apiKeyList,

  BillingSummary: billing.billingSummary,
  Transaction: billing.transactionView,
  TransactionList: billing.transactionList,
  UsageReport: billing.usageReport,
  BilledCallList: billing.callList,
  TrialBalance: billing.trialBalance,

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
  RegionList: regions.regionList,
  GpuTypeList: regions.gpuTypeList,

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
  PlatformModel: platformModels.adminPlatformModel,
  PlatformModelList: platformModels.adminPlatformModelList,
  InstanceOfAccount: instances.adminInstance,
  InstanceOfAccountList: instances.adminInstanceList,
  UpdateInstance: instances.updateInstanceByAdmin,
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
    if (jsonSchema.format === 'date-time' || jsonSchema.format === 'date') delete jsonSchema.pattern;
    // Zod leaves out the default of what it transforms; a client wants to know it all the same.
    const { def } = zodSchema._zod;
    if (def.type === 'default' && jsonSchema.type === 'integer') jsonSchema.default = def.defaultValue;
    // Its two forms are tried in code, so that a refusal names the field of the chosen one.
    if ((zodSchema as z.core.$ZodType) === instances.launchInstance)
      jsonSchema.oneOf = [referenceTo(instances.launchGpu), referenceTo(instances.launchExternal)];
  },
} as const;
