export type { Fault } from './faults/fault.js';
export { FAULT_KINDS, parseFaults } from './faults/parse-fault.js';
export { OptionError } from './options/option-error.js';
export type { Category, MsRange, SimulatorOptions } from './options/settings.js';
export type { RecordedRequest, SimulatorStats } from './server/request-log.js';
export type { ModelSimulator } from './server/start-model-simulator.js';
export { startModelSimulator } from './server/start-model-simulator.js';
export { countTokens, splitTokens } from './text/tokenizer.js';
