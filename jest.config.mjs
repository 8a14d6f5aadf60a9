import { readFileSync } from 'node:fs';

// The build leaves specs out; everything else must be compiled the same way here.
const {
  exclude: _specs,
  $schema: _schema,
  sourceMaps: _maps,
  ...swc
} = JSON.parse(readFileSync(new URL('.swcrc', import.meta.url), 'utf8'));

/** Unit tests sit beside the code (`src/**\/*.spec.ts`), integration tests in `test/`; both run as native ES modules. */
export default {
  // Whole databases and processes on a machine that may be busy: a test that hangs is told from one that waits its turn.
  testTimeout: 180_000,
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['@ecolink/source', 'node', 'node-addons'] },
  roots: ['<rootDir>/apps', '<rootDir>/libs', '<rootDir>/tools'],
  testMatch: ['**/*.spec.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  modulePathIgnorePatterns: ['<rootDir>/.*/dist/', '<rootDir>/.tools/', '<rootDir>/.nx/'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: { '^.+\\.ts$': ['@swc/jest', { ...swc, swcrc: false, sourceMaps: 'inline' }] },
};
