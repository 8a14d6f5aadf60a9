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
    ignores: [
      '**/node_modules/',
      '**/dist/',
      '**/coverage/',
      '.nx/',
      '.tools/',
      '.ecolink*/',
      'libs/database/src/generated/',
      '**/*.gen.ts',
      '**/*.gen.d.ts',
    ],
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
  // Markup is long and flat: a page's is a list of its parts.
  {
    files: ['apps/console/src/**/*.tsx'],
    rules: {
      'max-lines-per-function': ['error', { max: 140, skipBlankLines: true, skipComments: true }],
      // What a page shows or leaves out counts as a branch, too.
      complexity: ['error', 35],
    },
  },
  // A route's way to another page is thrown, and is no error.
  { files: ['apps/console/src/routes/**/*.tsx'], rules: { '@typescript-eslint/only-throw-error': 'off' } },
  { files: tests, rules: testRules },
  { files: ['**/*.d.ts'], rules: { '@typescript-eslint/no-extraneous-class': 'off' } },
  prettier,
);
