import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const tracked = filesOf();
const pages = tracked.filter((file) => file.endsWith('.md'));
const scripts = new Set(Object.keys((JSON.parse(read('package.json')) as { scripts: Record<string, string> }).scripts));
/** What npm runs without `run`, and what is no script of ours. */
const NPM_OWN = new Set(['ci', 'install', 'uninstall', 'view', 'init', 'audit', 'pack', 'publish', 'exec', 'root', 'bin']);
/** First parts of paths that a page names from the repository's root. */
const ROOTS = /^(?:apps|libs|tools|docs|prisma)\//;
/** Made when the product is built, started or measured. */
const MADE = /^(?:apps|libs)\/[^/]+\/(?:dist|node_modules)\/|\/generated\/|^docs\/measurements\//;

describe('every page of Markdown', () => {
  it('links to what is there', () => {
    expect(pages.flatMap((page) => deadLinks(page, read(page)))).toEqual([]);
  });

  it('names paths that are there', () => {
    expect(pages.flatMap((page) => deadPaths(page, read(page)))).toEqual([]);
  });

  it('names npm commands that are there', () => {
    expect(pages.flatMap((page) => deadCommands(page, read(page)))).toEqual([]);
  });

  it('would fail for a dead link, heading, path or command', () => {
    expect(deadLinks('docs/x.md', '[a](nowhere.md) [b](architecture.md#no-such-heading) [c](architecture.md#disk)')).toEqual([
      'docs/x.md: nowhere.md',
      'docs/x.md: architecture.md#no-such-heading',
    ]);
    expect(deadPaths('x.md', 'see `apps/router/src/nothing.ts`, `libs/*/README.md` and `apps/router/src/main.ts`')).toEqual([
      'x.md: apps/router/src/nothing.ts',
    ]);
    expect(deadCommands('x.md', '`npm run nothing -- x`, `npm test -- y`, `npm run bench`')).toEqual(['x.md: npm run nothing']);
  });
});

function deadLinks(page: string, text: string): string[] {
  const links = [...withoutCode(text).matchAll(/\]\(([^()\s]+)\)/g)].map(([, target]) => target ?? '');
  return links
    .filter((target) => !/^[a-z]+:/i.test(target))
    .filter((target) => {
      const [file = '', heading] = target.split('#');
      const at = file === '' ? page : path.join(path.dirname(page), decodeURIComponent(file));
      if (!isThere(at)) return true;
      return heading !== undefined && at.endsWith('.md') && !headingsOf(at).has(heading);
    })
    .map((target) => `${page}: ${target}`);
}

/** Paths in code spans, from the root or, in the README of a package, from there. `{a,b}` is each of them; a path with a placeholder is left out. */
function deadPaths(page: string, text: string): string[] {
  const own = /^(?:apps|libs)\/[^/]+\//.exec(page)?.[0] ?? '';
  const spans = [...text.matchAll(/`([^`\n]+)`/g)].flatMap(([, span = '']) => span.split(/\s+|,(?![^{]*\})/));
  return spans
    .flatMap(expanded)
    .map((span) => span.replace(/[:#].*$/, '').replace(/[.;)]+$/, ''))
    .map((span) => (own !== '' && /^(?:src|test)\//.test(span) ? `${own}${span}` : span))
    .filter((span) => ROOTS.test(span) && !/[*<…$[]/.test(span) && !MADE.test(span))
    .filter((span) => !isThere(span.replace(/\/$/, '')))
    .map((span) => `${page}: ${span}`);
}

function expanded(span: string): readonly string[] {
  const [, before = '', choices, after = ''] = /^([^{]*)\{([^{}]*)\}(.*)$/.exec(span) ?? [];
  return choices === undefined ? [span] : choices.split(',').map((choice) => `${before}${choice}${after}`);
}

function deadCommands(page: string, text: string): string[] {
  const named = [...text.matchAll(/\bnpm (?:(run) )?(?:--?[\w-]+ )*([a-z][\w:-]*)/g)];
  return named
    .filter(([, run, name = '']) => (run === undefined ? ['start', 'test'].includes(name) : true))
    .filter(([, , name = '']) => !scripts.has(name) && !NPM_OWN.has(name))
    .map(([, run, name]) => `${page}: npm ${run === undefined ? '' : 'run '}${name}`);
}

function withoutCode(text: string): string {
  return text.replaceAll(/^```[\s\S]*?^```/gm, '').replaceAll(/`[^`\n]*`/g, '');
}

/** Anchors as GitHub makes them. */
function headingsOf(page: string): ReadonlySet<string> {
  const headings = [
    ...read(page)
      .replaceAll(/^```[\s\S]*?^```/gm, '')
      .matchAll(/^#+ (.+)$/gm),
  ].map(([, heading = '']) => heading);
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
        .trim()
        .replaceAll(/\s/g, '-'),
    ),
  );
}

function isThere(file: string): boolean {
  return existsSync(path.join(root, file));
}

function read(file: string): string {
  return readFileSync(path.join(root, file), 'utf8');
}

function filesOf(): readonly string[] {
  const git = spawnSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root, encoding: 'utf8' });
  if (git.status !== 0) throw new Error(`git ls-files failed: ${git.stderr}`);
  return git.stdout.split('\0').filter((file) => file !== '' && existsSync(path.join(root, file)));
}
