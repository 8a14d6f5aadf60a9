export { type HealthCheckerConfig, startHealthChecker } from './start-health-checker.js';
