export { type InstanceRegistryConfig } from './settings.js';
export { startInstanceRegistry } from './start.js';
