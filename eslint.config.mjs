import prettier from 'eslint-config-prettier';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';
import { boundaryRules } from './tools/lint/boundaries.mjs';
import { houseRules, testRules, typeScriptRules } from './tools/lint/rules.mjs';

const typeScript = ['**/*.ts', '**/*.tsx'];
const tests = ['**/*.spec.ts', '**/*.spec.tsx', '**/test/**/*.ts', 'libs/testing/**/*.ts'];

/** Every rule is an error: a warning is a rule nobody obeys. What each group is for stands in `tools/lint/`. */
export default defineConfig(
  {
    ignores: ['**/node_modules/', '**/dist/', '**/coverage/', '.nx/', '.tools/', '.ecolink*/', 'libs/database/src/generated/'],
  },
  { linterOptions: { reportUnusedDisableDirectives: 'error', reportUnusedInlineConfigs: 'error' } },
  {
    files: typeScript,
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: typeScriptRules,
  },
  { files: [...typeScript, '**/*.mjs', '**/*.js'], rules: houseRules },
  ...(await boundaryRules(import.meta.dirname)),
  { files: tests, rules: testRules },
  { files: ['**/*.d.ts'], rules: { '@typescript-eslint/no-extraneous-class': 'off' } },
  prettier,
);
