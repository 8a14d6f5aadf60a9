// Lints source texts as if they stood in the named files: JSON `[{ path, text }]` on stdin, `[[ruleId, …], …]` on stdout.
// A process of its own, because ESLint and Nx load native code and configuration that Jest's module sandbox cannot.
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';

const boundaryRules = new Set(['@nx/enforce-module-boundaries', 'ecolink/owned-packages', 'no-restricted-syntax']);

const eslint = new ESLint({
  // The files need not exist, so nothing may ask for their types.
  overrideConfig: [tseslint.configs.disableTypeChecked, { languageOptions: { parserOptions: { projectService: false } } }],
  ruleFilter: ({ ruleId }) => boundaryRules.has(ruleId),
});

const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);

const answers = [];
for (const { path, text } of JSON.parse(Buffer.concat(chunks).toString('utf8'))) {
  const [result] = await eslint.lintText(text, { filePath: path, warnIgnored: true });
  answers.push((result?.messages ?? []).map(({ ruleId, message }) => ruleId ?? message));
}
process.stdout.write(JSON.stringify(answers));
