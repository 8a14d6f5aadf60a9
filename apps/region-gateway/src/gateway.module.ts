import type { GatewayPods } from '@ecolink/contracts';
import { INTERNAL_SECRET } from '@ecolink/service-kit';
import { type DynamicModule, Module } from '@nestjs/common';
import { LogsController, READ_LOGS, type ReadLogs } from './pods/logs.controller.js';
import { PodsController, READ_PODS } from './pods/pods.controller.js';

/** The little that Nest serves beside the data plane. */
@Module({})
export class GatewayModule {
  static create(internalSecret: string, readPods: () => GatewayPods, readLogs: ReadLogs): DynamicModule {
    return {
      module: GatewayModule,
      controllers: [PodsController, LogsController],
      providers: [
        { provide: INTERNAL_SECRET, useValue: internalSecret },
        { provide: READ_PODS, useValue: readPods },
        { provide: READ_LOGS, useValue: readLogs },
      ],
    };
  }
}
