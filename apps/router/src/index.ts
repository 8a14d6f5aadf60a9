export { ROUTER_LIMITS, type RouterConfig, type RouterLimits } from './config.js';
export { readRouterLimits, readTrustedProxies } from './environment.js';
export { type RunningRouter, startRouter } from './start-router.js';
