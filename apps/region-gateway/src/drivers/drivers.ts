import type { Driver } from '@ecolink/contracts';
import { externalDriver } from './external/external-driver.js';
import { missingDriver } from './missing/missing-driver.js';
import type { DriverFactory } from './pod-driver.js';
import { processDriver } from './process/process-driver.js';
import { simulatedDriver } from './simulated/simulated-driver.js';

/** How each driver is made. A new one is a folder beside these and a line here. */
export const DRIVERS: Readonly<Record<Driver, DriverFactory>> = {
  external: externalDriver,
  simulated: simulatedDriver,
  process: processDriver,
  kubernetes: missingDriver,
};
