export { ROUTER_LIMITS, type RouterConfig, type RouterLimits } from './config.js';
export { type RunningRouter, startRouter } from './start-router.js';
