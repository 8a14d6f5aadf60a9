// `npm run test:neighbours`: prepares the checkout and runs the attacks on the product's own Node. Plain Node >= 20.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { prepare } from '../bootstrap/prepare.mjs';

const { node, env, root } = await prepare();
const run = spawn(node, [path.join(root, 'tools/neighbours/run.mjs'), ...process.argv.slice(2)], { stdio: 'inherit', env });
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => run.kill(signal));
run.once('exit', (code) => process.exit(code ?? 1));
