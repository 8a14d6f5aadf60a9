export { readCallLimits, readSimulatedOptions } from './config.js';
export type { CallLimits } from './data-plane/call-limits.js';
export type { InstanceLimits } from './pods/instance-pods.js';
export { type DriverConfig, type SimulatedDriverOptions } from './drivers/driver-config.js';
export { type RegionGatewayConfig } from './region-gateway-config.js';
export { startRegionGateway } from './start-region-gateway.js';
