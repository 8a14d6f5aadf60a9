export * from './observe/iso-time.js';
export * from './observe/log-destination.js';
export * from './observe/logger.js';
export * from './process/directory-lock.js';
export * from './process/environment.js';
export * from './process/run-service.js';
