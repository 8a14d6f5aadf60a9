import { type ChildProcess, spawn } from 'node:child_process';
import { chownSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Where a stage's or a container's files are on this machine; `/app` is its subfolder `app`. */
export interface SandboxOptions {
  readonly files: string;
  readonly workdir: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly command: readonly string[];
  /** As `read_only: true` with `tmpfs: [/tmp]`: writes reach /tmp and these folders only; folder → where it is kept. */
  readonly readOnlyBut?: Readonly<Record<string, string>>;
  /** Lines of /etc/hosts. */
  readonly hosts?: readonly string[];
  readonly log: 'inherit' | 'pipe';
}

const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;

/**
 * Runs a command as a user without rights, uid 1000, in a root file system made of the given files and this machine's
 * programs: Linux namespaces in place of a container engine. The network is this machine's.
 */
export function runInSandbox(options: SandboxOptions): ChildProcess {
  const mountPoint = `${options.files}.root`;
  mkdirSync(mountPoint, { recursive: true });
  giveAway(mountPoint);
  const script = mountScript(options, mountPoint);
  const drop = isRoot ? ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'] : [];
  const [file = '', ...args] = [
    ...drop,
    'unshare',
    '--user',
    '--map-root-user',
    '--mount',
    'sh',
    '-euc',
    script,
    'sh',
    ...options.command,
  ];
  return spawn(file, args, {
    stdio: ['ignore', options.log, options.log],
    env: { PATH: '/opt/node:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin', HOME: '/tmp', ...options.environment },
  });
}

/** Files that were made by root belong to the user of the sandbox from here on. */
export function giveAway(file: string): void {
  if (isRoot) chownSync(file, NOBODY, NOBODY);
}

function mountScript({ files, workdir, readOnlyBut, hosts }: SandboxOptions, root: string): string {
  const system = ['usr', 'bin', 'sbin', 'lib', 'lib64', 'etc'];
  const lines = [
    `mount -t tmpfs tmpfs ${root}`,
    `cd ${root}`,
    `mkdir proc dev tmp old opt`,
    `mkdir opt/node`,
    ...system.map(
      (name) =>
        `if [ -L /${name} ]; then cp -P /${name} .; elif [ -d /${name} ]; then mkdir ${name} && mount --rbind /${name} ${name}; fi`,
    ),
    'mount --rbind /proc proc',
    'mount --rbind /dev dev',
    'mount -t tmpfs -o mode=1777 tmpfs tmp',
    `mount --bind ${path.dirname(process.execPath)} opt/node`,
    `for each in ${files}/*; do if [ -d "$each" ]; then mkdir -p "./$(basename "$each")" && mount --bind "$each" "./$(basename "$each")"; fi; done`,
  ];
  if (hosts !== undefined) {
    writeFileSync(`${files}.hosts`, `${hosts.join('\n')}\n`);
    lines.push(`mount --bind ${files}.hosts etc/hosts`);
  }
  if (readOnlyBut !== undefined) {
    lines.push(`for each in ${files}/*; do mount -o remount,bind,ro "./$(basename "$each")"; done`);
    for (const [directory, kept] of Object.entries(readOnlyBut)) lines.push(`mount --bind ${kept} .${directory}`);
    lines.push(`mount -o remount,bind,ro ${root}`);
  }
  lines.push(
    'pivot_root . old',
    'umount -l /old',
    `cd ${workdir}`,
    'exec unshare --user --map-user=1000 --map-group=1000 -- "$@"',
  );
  return lines.join('\n');
}
