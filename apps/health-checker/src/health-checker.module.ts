import { INTERNAL_SECRET } from '@ecolink/service-kit';
import { type DynamicModule, Module } from '@nestjs/common';
import { HealthController } from './health/health.controller.js';
import { HealthStore } from './health/health.store.js';

@Module({})
export class HealthCheckerModule {
  static create(internalSecret: string, store: HealthStore): DynamicModule {
    return {
      module: HealthCheckerModule,
      controllers: [HealthController],
      providers: [
        { provide: INTERNAL_SECRET, useValue: internalSecret },
        { provide: HealthStore, useValue: store },
      ],
    };
  }
}
