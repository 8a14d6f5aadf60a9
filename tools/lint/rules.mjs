/** For TypeScript, on top of typescript-eslint's strict type-checked set. */
export const typeScriptRules = {
  // Files with decorators are left alone by this rule: Nest reads injected classes from emitted metadata, so those imports must stay.
  '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'separate-type-imports' }],
  '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
  '@typescript-eslint/return-await': ['error', 'error-handling-correctness-only'],
  // Nest modules are empty classes, and some of its options are declared as classes but given as plain objects.
  '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true, allowEmpty: true }],
  '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
  '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
  // A guard of a handler ends the call and returns in one line; the rule's exception for that leaves async functions out.
  '@typescript-eslint/no-confusing-void-expression': 'off',
  // The compiler takes a flag read before an `await` for unchanged after it; a check of `signal.aborted` there is no mistake.
  '@typescript-eslint/no-unnecessary-condition': 'off',
  // A callback that may be asynchronous or not returns `void | Promise<void>`.
  '@typescript-eslint/no-invalid-void-type': 'off',
  '@typescript-eslint/no-unused-vars': [
    'error',
    { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrors: 'none', ignoreRestSiblings: true },
  ],
  // A port's method is asynchronous for the engine that needs it; the memory engine has nothing to await.
  '@typescript-eslint/require-await': 'off',
  // A type parameter used once still documents what a caller gets back (`get<T>(): T` over parsed data).
  '@typescript-eslint/no-unnecessary-type-parameters': 'off',
};

/** Sizes at which a file or function has to be taken apart, and language features that hide bugs. */
export const houseRules = {
  'max-lines': ['error', { max: 300 }],
  'max-lines-per-function': ['error', { max: 90, skipBlankLines: true, skipComments: true }],
  complexity: ['error', 20],
  'max-params': ['error', 6],
  eqeqeq: 'error',
  'no-var': 'error',
  'prefer-const': 'error',
  'object-shorthand': 'error',
  'no-param-reassign': 'error',
  'no-eval': 'error',
  'no-implied-eval': 'error',
  'no-constant-condition': ['error', { checkLoops: 'allExceptWhileTrue' }],
  'no-unreachable': 'error',
  'no-unsafe-finally': 'error',
};

/** A test file is a list, and test doubles and parsed answers are loosely typed; a promise nobody awaits stays forbidden. */
export const testRules = {
  'max-lines': ['error', { max: 600 }],
  'max-lines-per-function': 'off',
  'no-restricted-syntax': [
    'error',
    {
      selector: "MemberExpression[object.name=/^(it|test|describe)$/][property.name='only']",
      message: 'The other tests would not run.',
    },
    { selector: 'CallExpression[callee.name=/^(fit|fdescribe)$/]', message: 'The other tests would not run.' },
  ],
  '@typescript-eslint/no-unsafe-argument': 'off',
  '@typescript-eslint/no-unsafe-assignment': 'off',
  '@typescript-eslint/no-unsafe-call': 'off',
  '@typescript-eslint/no-unsafe-member-access': 'off',
  '@typescript-eslint/no-unsafe-return': 'off',
  '@typescript-eslint/unbound-method': 'off',
};
