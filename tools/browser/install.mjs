// Debian's Chromium for the tests of the console. Installed where it is missing and this is root; otherwise says what to do.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const PATHS = [process.env.ECOLINK_CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const TIMEOUT_MS = 5 * 60_000;

/** The path of a Chromium, installed first where there is none. Throws with what a person can do. */
export function chromium() {
  const found = present();
  if (found !== undefined) return found;
  if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    const apt = (...args) =>
      spawnSync('apt-get', args, {
        stdio: 'ignore',
        timeout: TIMEOUT_MS,
        env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      });
    if (apt('install', '-y', '--no-install-recommends', 'chromium').status !== 0) {
      apt('update');
      apt('install', '-y', '--no-install-recommends', 'chromium');
    }
  }
  const installed = present();
  if (installed === undefined) throw new Error('no Chromium: install the package "chromium", or name one in ECOLINK_CHROMIUM');
  return installed;
}

/** Whether there is no Chromium yet. */
export function isMissing() {
  return present() === undefined;
}

function present() {
  return PATHS.find((path) => path !== undefined && existsSync(path));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(chromium());
