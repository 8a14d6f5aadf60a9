// `npm run cluster`: prepares the checkout and runs one command of the cluster. Plain Node >= 20.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { prepare } from './prepare.mjs';

const { node, env, root } = await prepare().catch((error) => {
  console.error(`EcoLink could not be prepared: ${error.message}`);
  process.exit(1);
});
const result = spawnSync(node, [path.join(root, 'apps/ecolink/dist/cluster-main.js'), ...process.argv.slice(2)], {
  stdio: 'inherit',
  env: { ...env, ECOLINK_WORKING_DIRECTORY: process.env.INIT_CWD ?? process.cwd() },
});
process.exit(result.status ?? 1);
