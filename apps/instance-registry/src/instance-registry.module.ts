import { parsePodNetworks } from '@ecolink/contracts';
import { Database, IdempotencyKeys } from '@ecolink/database';
import { createLogger } from '@ecolink/runtime';
import {
  ADMIN_TOKENS,
  AdminGuard,
  Authorizer,
  HttpAuthorizer,
  idempotencyProviders,
  INTERNAL_SECRET,
  InternalClient,
  InternalGuard,
  PrincipalGuard,
} from '@ecolink/service-kit';
import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { AccountsConsumer } from './accounts/accounts.consumer.js';
import { CloseAccounts } from './accounts/close-accounts.js';
import { ClosedAccountsStore } from './accounts/closed-accounts.store.js';
import { AuditInterceptor } from './admin/audit.interceptor.js';
import { AdminGpuTypesController } from './admin/gpu-types.controller.js';
import { RegistryMetrics } from './metrics/registry-metrics.service.js';
import { RegistryMetricsStore } from './metrics/registry-metrics.store.js';
import { AdminInstancesController } from './admin/instances.controller.js';
import { AdminPlatformModelsController } from './admin/platform-models.controller.js';
import { AdminRegionsController } from './admin/regions.controller.js';
import { Billing } from './billing/billing.js';
import { HoldRun } from './billing/hold-run.js';
import { FollowHold } from './holds/follow-hold.js';
import { HoldsController } from './holds/holds.controller.js';
import { HoldsStore } from './holds/holds.store.js';
import { PriceBook } from './billing/price-book.js';
import { SaveGpuType } from './gpu/save-gpu-type.js';
import { GpuTypesController } from './gpu/gpu-types.controller.js';
import { GpuStore } from './gpu/gpu.store.js';
import { ChangeInstance } from './instances/change-instance.js';
import { DraftInstance } from './instances/draft-instance.js';
import { InstanceActions } from './instances/instance-actions.js';
import { InstanceChangesStore } from './instances/instance-changes.store.js';
import { InstanceEventsStore } from './instances/instance-events.store.js';
import { InstanceDetailsController } from './instances/instance-details.controller.js';
import { GATEWAY_SECRET, ReadInstanceLogs } from './instances/instance-logs.js';
import { InstancesController } from './instances/instances.controller.js';
import { InstancesStore } from './instances/instances.store.js';
import { LaunchOwnInstance } from './instances/launch-instance.js';
import { PlanInstance } from './instances/plan-instance.js';
import { ReplaceInstancePods } from './instances/replace-pods.js';
import { ShowInstances } from './instances/show-instances.js';
import { StartInstance } from './instances/start-instance.js';
import { GatewayDeployments } from './internal/gateway-deployments.js';
import { RunSecretsStore } from './internal/run-secrets.store.js';
import { GatewaysController } from './internal/gateways.controller.js';
import { ProjectionsController } from './internal/projections.controller.js';
import { ProjectionsStore } from './internal/projections.store.js';
import { Watchdog } from './lifecycle/watchdog.js';
import { ModelsController } from './models/models.controller.js';
import { ModelsStore } from './models/models.store.js';
import { ModelUses } from './models/model-uses.js';
import { SaveModel } from './models/save-model.js';
import { ObservationsController } from './observations/observations.controller.js';
import { NoteReadyTime } from './observations/note-ready-time.js';
import { Observe } from './observations/observe.js';
import { ReadyTimeStore } from './observations/ready-time.store.js';
import { PlatformInstance } from './platform-models/platform-instance.js';
import { PlatformModelsStore } from './platform-models/platform-models.store.js';
import { PlatformPlacement } from './platform-models/platform-placement.js';
import { SavePlatformModel } from './platform-models/save-platform-model.js';
import { KeepQuotas } from './quotas/keep-quotas.js';
import { QuotasStore } from './quotas/quotas.store.js';
import { PodPlacesStore } from './pods/pod-places.store.js';
import { TakenPlaces } from './pods/taken-places.js';
import { PlacePods } from './pods/place-pods.js';
import { PodUrls } from './pods/pod-urls.js';
import { PodTester } from './pods/test-pod.js';
import { CheckDefinition } from './revisions/check-definition.js';
import { ReviseInstance } from './revisions/revise-instance.js';
import { RevisionsController } from './revisions/revisions.controller.js';
import { RevisionsStore } from './revisions/revisions.store.js';
import { RegionsController } from './regions/regions.controller.js';
import { RegionsStore } from './regions/regions.store.js';
import { SecretBox } from './secrets/secret-box.js';
import { CLOCK, type InstanceRegistryConfig, TEST_POD_DETAILS } from './settings.js';

const CONTROLLERS = [
  ModelsController,
  InstancesController,
  InstanceDetailsController,
  RevisionsController,
  RegionsController,
  GpuTypesController,
  AdminGpuTypesController,
  AdminPlatformModelsController,
  AdminInstancesController,
  AdminRegionsController,
  ProjectionsController,
  GatewaysController,
  ObservationsController,
  HoldsController,
  AccountsConsumer,
];

const STORES = [
  RegistryMetricsStore,
  InstancesStore,
  InstanceChangesStore,
  InstanceEventsStore,
  ModelsStore,
  PlatformModelsStore,
  RegionsStore,
  GpuStore,
  ProjectionsStore,
  PodPlacesStore,
  QuotasStore,
  RunSecretsStore,
  HoldsStore,
  ClosedAccountsStore,
  RevisionsStore,
];

const SERVICES = [
  ChangeInstance,
  DraftInstance,
  InstanceActions,
  ReplaceInstancePods,
  ReviseInstance,
  CheckDefinition,
  ReadInstanceLogs,
  LaunchOwnInstance,
  PlanInstance,
  ShowInstances,
  StartInstance,
  SaveModel,
  ModelUses,
  PlatformInstance,
  PlatformPlacement,
  SaveGpuType,
  SavePlatformModel,
  PlacePods,
  TakenPlaces,
  KeepQuotas,
  HoldRun,
  FollowHold,
  CloseAccounts,
  PodTester,
  GatewayDeployments,
  NoteReadyTime,
  Observe,
  ReadyTimeStore,
  RegistryMetrics,
  Watchdog,
  PrincipalGuard,
  AdminGuard,
  InternalGuard,
];

@Module({})
export class InstanceRegistryModule {
  static with(config: InstanceRegistryConfig, authBilling: InternalClient): DynamicModule {
    return {
      module: InstanceRegistryModule,
      controllers: CONTROLLERS,
      providers: [...given(config, authBilling), ...STORES, ...SERVICES],
    };
  }
}

function given(config: InstanceRegistryConfig, authBilling: InternalClient): Provider[] {
  return [
    // The audit goes first: it sees repeated calls, too.
    { provide: APP_INTERCEPTOR, useClass: AuditInterceptor },
    ...idempotencyProviders(new IdempotencyKeys(config.database)),
    { provide: Database, useValue: config.database },
    { provide: INTERNAL_SECRET, useValue: config.internalSecret },
    { provide: GATEWAY_SECRET, useValue: config.internalSecret },
    { provide: ADMIN_TOKENS, useValue: config.adminTokens },
    { provide: Authorizer, useValue: new HttpAuthorizer(authBilling) },
    { provide: Billing, useValue: new Billing(authBilling) },
    { provide: PriceBook, useValue: new PriceBook(authBilling, createLogger('instance-registry')) },
    { provide: SecretBox, useValue: new SecretBox(config.encryptionKey) },
    { provide: PodUrls, useValue: new PodUrls(parsePodNetworks(config.podNetworks), new Set(config.ownPorts)) },
    { provide: TEST_POD_DETAILS, useValue: config.testPodDetails ?? false },
    { provide: CLOCK, useValue: config.now ?? (() => new Date()) },
  ];
}
