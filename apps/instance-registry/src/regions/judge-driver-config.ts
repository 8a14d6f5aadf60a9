import { ApiError, assertNever, type Driver, processDriverConfig } from '@ecolink/contracts';

/** Refuses a configuration that the driver would refuse later, by the name of the field at fault. */
export function judgeDriverConfig(driver: Driver, config: unknown): void {
  switch (driver) {
    case 'process': {
      const parsed = processDriverConfig.safeParse(config);
      if (parsed.success) return;
      const [issue] = parsed.error.issues;
      const param = ['driver_config', ...(issue?.path ?? [])].join('.');
      throw new ApiError('invalid_request', `${param}: ${issue?.message ?? 'is not valid'}`, { param });
    }
    case 'external':
    case 'simulated':
    case 'kubernetes':
      return;
    default:
      assertNever(driver);
  }
}
