import { spawn, spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { EngineMissingError } from './errors.mjs';

/** The absolute path of a program, or undefined. */
export function findProgram(name) {
  const folders = (process.env.PATH ?? '').split(path.delimiter).filter((folder) => folder !== '');
  if (process.env.JAVA_HOME && name === 'java') folders.unshift(path.join(process.env.JAVA_HOME, 'bin'));
  return folders.map((folder) => path.join(folder, name)).find(isExecutable);
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Finds a program, installing it from Debian's packages where that is possible (root, apt-get). Otherwise rejects with an
 * error that says what to install.
 */
export async function ensureProgram(name, aptPackages, log) {
  const found = findProgram(name);
  if (found !== undefined) return found;
  const wanted = aptPackages.join(' ');
  const canInstall = process.getuid?.() === 0 && findProgram('apt-get') !== undefined;
  if (!canInstall) throw new EngineMissingError(`${name} is not installed. On Debian or Ubuntu: sudo apt-get install ${wanted}`);
  log(`installing ${wanted}`);
  await aptInstall(aptPackages);
  const installed = findProgram(name);
  if (installed === undefined) throw new EngineMissingError(`${name} is still missing after apt-get install ${wanted}`);
  return installed;
}

async function aptInstall(packages) {
  // Run level 1 keeps Debian's packages from starting their own server on the well-known port.
  const env = { ...process.env, RUNLEVEL: '1', DEBIAN_FRONTEND: 'noninteractive' };
  const args = ['install', '-y', '--no-install-recommends', ...packages];
  if (spawnSync('apt-get', args, { env, stdio: 'ignore' }).status === 0) return;
  await runProgram('apt-get', ['update'], { env });
  await runProgram('apt-get', args, { env });
}

/** Runs a program to its end; rejects with the tail of what it wrote unless it succeeds. */
export function runProgram(command, args, { cwd, env, timeoutMs = 600_000 } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], timeout: timeoutMs });
    let output = '';
    const keep = (chunk) => (output = (output + chunk).slice(-4_000));
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.once('error', reject);
    child.once('close', (code, signal) => {
      if (code === 0) resolve(output);
      else reject(new Error(`${path.basename(command)} ended with ${code ?? signal}: ${output.trim()}`));
    });
  });
}
