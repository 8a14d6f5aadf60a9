import { parsePodNetworks } from '@ecolink/contracts';
import { Database, IdempotencyKeys } from '@ecolink/database';
import {
  ADMIN_TOKENS,
  AdminGuard,
  Authorizer,
  createLogger,
  HttpAuthorizer,
  idempotencyProviders,
  INTERNAL_SECRET,
  InternalClient,
  InternalGuard,
  PrincipalGuard,
} from '@ecolink/service-kit';
import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { AuditInterceptor } from './admin/audit.interceptor.js';
import { AdminInstancesController } from './admin/instances.controller.js';
import { AdminPlatformModelsController } from './admin/platform-models.controller.js';
import { AdminRegionsController } from './admin/regions.controller.js';
import { Billing } from './billing/billing.js';
import { PriceBook } from './billing/price-book.js';
import { GpuTypesController } from './gpu/gpu-types.controller.js';
import { GpuStore } from './gpu/gpu.store.js';
import { ChangeInstance } from './instances/change-instance.js';
import { DraftInstance } from './instances/draft-instance.js';
import { InstanceActions } from './instances/instance-actions.js';
import { InstanceChangesStore } from './instances/instance-changes.store.js';
import { InstanceEventsStore } from './instances/instance-events.store.js';
import { InstancesController } from './instances/instances.controller.js';
import { InstancesStore } from './instances/instances.store.js';
import { LaunchOwnInstance } from './instances/launch-instance.js';
import { PlanInstance } from './instances/plan-instance.js';
import { ShowInstances } from './instances/show-instances.js';
import { StartInstance } from './instances/start-instance.js';
import { GatewayDeployments } from './internal/gateway-deployments.js';
import { GatewaysController } from './internal/gateways.controller.js';
import { ProjectionsController } from './internal/projections.controller.js';
import { ProjectionsStore } from './internal/projections.store.js';
import { Watchdog } from './lifecycle/watchdog.js';
import { ModelsController } from './models/models.controller.js';
import { ModelsStore } from './models/models.store.js';
import { SaveModel } from './models/save-model.js';
import { ObservationsController } from './observations/observations.controller.js';
import { Observe } from './observations/observe.js';
import { PlatformInstance } from './platform-models/platform-instance.js';
import { PlatformModelsStore } from './platform-models/platform-models.store.js';
import { PlatformPlacement } from './platform-models/platform-placement.js';
import { SavePlatformModel } from './platform-models/save-platform-model.js';
import { PlacePods } from './pods/place-pods.js';
import { PodUrls } from './pods/pod-urls.js';
import { PodTester } from './pods/test-pod.js';
import { RegionsController } from './regions/regions.controller.js';
import { RegionsStore } from './regions/regions.store.js';
import { SecretBox } from './secrets/secret-box.js';
import { CLOCK, type InstanceRegistryConfig } from './settings.js';

const CONTROLLERS = [
  ModelsController,
  InstancesController,
  RegionsController,
  GpuTypesController,
  AdminPlatformModelsController,
  AdminInstancesController,
  AdminRegionsController,
  ProjectionsController,
  GatewaysController,
  ObservationsController,
];

const STORES = [
  InstancesStore,
  InstanceChangesStore,
  InstanceEventsStore,
  ModelsStore,
  PlatformModelsStore,
  RegionsStore,
  GpuStore,
  ProjectionsStore,
];

const SERVICES = [
  ChangeInstance,
  DraftInstance,
  InstanceActions,
  LaunchOwnInstance,
  PlanInstance,
  ShowInstances,
  StartInstance,
  SaveModel,
  PlatformInstance,
  PlatformPlacement,
  SavePlatformModel,
  PlacePods,
  PodTester,
  GatewayDeployments,
  Observe,
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
    { provide: ADMIN_TOKENS, useValue: config.adminTokens },
    { provide: Authorizer, useValue: new HttpAuthorizer(authBilling) },
    { provide: Billing, useValue: new Billing(authBilling) },
    { provide: PriceBook, useValue: new PriceBook(authBilling, createLogger('instance-registry')) },
    { provide: SecretBox, useValue: new SecretBox(config.encryptionKey) },
    { provide: PodUrls, useValue: new PodUrls(parsePodNetworks(config.podNetworks), new Set(config.ownPorts)) },
    { provide: CLOCK, useValue: config.now ?? (() => new Date()) },
  ];
}
