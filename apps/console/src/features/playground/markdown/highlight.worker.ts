import { createCssVariablesTheme, createHighlighterCore, type HighlighterCore, type LanguageInput } from 'shiki/core';
import { createJavaScriptRegexEngine } from 'shiki/engine/javascript';

const LANGUAGES: Readonly<Record<string, () => LanguageInput>> = {
  bash: () => import('shiki/langs/bash.mjs'),
  c: () => import('shiki/langs/c.mjs'),
  cpp: () => import('shiki/langs/cpp.mjs'),
  csharp: () => import('shiki/langs/csharp.mjs'),
  css: () => import('shiki/langs/css.mjs'),
  diff: () => import('shiki/langs/diff.mjs'),
  docker: () => import('shiki/langs/docker.mjs'),
  go: () => import('shiki/langs/go.mjs'),
  html: () => import('shiki/langs/html.mjs'),
  java: () => import('shiki/langs/java.mjs'),
  javascript: () => import('shiki/langs/javascript.mjs'),
  json: () => import('shiki/langs/json.mjs'),
  kotlin: () => import('shiki/langs/kotlin.mjs'),
  python: () => import('shiki/langs/python.mjs'),
  ruby: () => import('shiki/langs/ruby.mjs'),
  rust: () => import('shiki/langs/rust.mjs'),
  sql: () => import('shiki/langs/sql.mjs'),
  tsx: () => import('shiki/langs/tsx.mjs'),
  typescript: () => import('shiki/langs/typescript.mjs'),
  yaml: () => import('shiki/langs/yaml.mjs'),
};
const ALIASES: Readonly<Record<string, string>> = {
  'c#': 'csharp',
  'c++': 'cpp',
  cs: 'csharp',
  dockerfile: 'docker',
  js: 'javascript',
  jsx: 'tsx',
  py: 'python',
  python3: 'python',
  rb: 'ruby',
  rs: 'rust',
  sh: 'bash',
  shell: 'bash',
  ts: 'typescript',
  yml: 'yaml',
  zsh: 'bash',
};

/** Shiki's names for colours, as the console's. */
const COLOURS: Readonly<Record<string, string>> = {
  'token-keyword': 'keyword',
  'token-function': 'fn',
  'token-string': 'str',
  'token-string-expression': 'str',
  'token-constant': 'num',
  'token-comment': 'com',
};

let highlighter: Promise<HighlighterCore> | undefined;

self.onmessage = ({ data }: MessageEvent<{ id: number; code: string; language: string }>) => {
  void colour(data.code, data.language.toLowerCase())
    .catch(() => null)
    .then((lines) => self.postMessage({ id: data.id, lines }));
};

async function colour(code: string, named: string): Promise<[string, string][][] | null> {
  const language = ALIASES[named] ?? named;
  const load = LANGUAGES[language];
  if (load === undefined) return null;
  highlighter ??= createHighlighterCore({
    themes: [createCssVariablesTheme({ name: 'ecolink', variablePrefix: '--shiki-' })],
    engine: createJavaScriptRegexEngine({ forgiving: true }),
  });
  const core = await highlighter;
  if (!core.getLoadedLanguages().includes(language)) await core.loadLanguage(load());
  const { tokens } = core.codeToTokens(code, { lang: language, theme: 'ecolink' });
  return tokens.map((line) => line.map(({ content, color }): [string, string] => [content, colourOf(color ?? '')]));
}

function colourOf(variable: string): string {
  const name = COLOURS[/--shiki-([a-z-]+)/.exec(variable)?.[1] ?? ''];
  return name === undefined ? '' : `var(--ec-tok-${name})`;
}
