import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const projects = ['apps', 'libs'].flatMap((parent) => readdirSync(join(root, parent)).map((name) => join(parent, name)));

/** Absolute paths of somebody's machine: home folders and mounted workspaces. */
const machinePath = /(?<![\w.@~/*-])\/(?:work|home|Users|root|workspace)\/[\w.-]/;

describe('the repository stands alone', () => {
  it('names no registry in its lockfile, so that every mirror serves it', () => {
    const hosts = read('package-lock.json').match(/"resolved": "[a-z+]+:\/\/[^"]*"/g);
    expect(hosts).toBeNull();
  });

  it('chooses no registry for those who clone it', () => {
    expect(existsSync(join(root, '.npmrc')) ? read('.npmrc') : '').not.toMatch(/^(@[^:]+:)?registry\s*=|_auth/im);
  });

  it('holds no path of the machine it was written on', () => {
    const guilty = textFiles().flatMap((file) => linesMatching(file, machinePath));
    expect(guilty).toEqual([]);
  });

  it('finds such a path where there is one', () => {
    expect(['cd /work/x', "'/home/ann/x'", '(/root/.cache)', '=/Users/ann'].every((line) => machinePath.test(line))).toBe(true);
    expect(
      ['apps/x/work/y', '../home/x', '/api/v1/work', 'https://example.org/home/x'].some((line) => machinePath.test(line)),
    ).toBe(false);
  });
});

describe.each(projects.map((project) => [project]))('%s', (project) => {
  it('explains itself in a README', () => {
    expect(existsSync(join(root, project, 'README.md'))).toBe(true);
  });

  it('has the Nx tags that the dependency rules go by', () => {
    const manifest = JSON.parse(read(join(project, 'package.json')));
    const type = project.startsWith('apps') ? 'app' : 'lib';
    expect(manifest.nx?.tags).toEqual(expect.arrayContaining([`type:${type}`, `scope:${basename(project)}`]));
  });
});

function read(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

/** What a commit of everything would hold: tracked and new files, without those that `.gitignore` leaves out. */
function textFiles(): string[] {
  const git = spawnSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root, encoding: 'utf8' });
  if (git.status !== 0) throw new Error(`git ls-files failed: ${git.stderr}`);
  const files = git.stdout.split('\0').filter((file) => file !== '' && existsSync(join(root, file)));
  expect(files).toContain('package.json');
  return files.filter((file) => file !== 'tools/lint/repository.spec.ts' && !read(file).includes('\0'));
}

function linesMatching(file: string, pattern: RegExp): string[] {
  return read(file)
    .split('\n')
    .flatMap((line, index) => (pattern.test(line) ? [`${file}:${index + 1}: ${line.trim().slice(0, 120)}`] : []));
}
