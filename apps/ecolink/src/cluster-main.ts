import { assertNever } from '@ecolink/contracts';
import { clusterDown, clusterStatus, clusterUp } from './cluster/cluster.js';
import { CLUSTER_HELP, type ClusterOptions, parseClusterCommand } from './cluster/cluster-options.js';
import { clusterKill, clusterPause, clusterRestart, clusterResume, clusterStart, resumeEngines } from './cluster/parts.js';

const say = (text: string): void => void process.stderr.write(`» ${text}\n`);
const print = (text: string): void => void process.stdout.write(`${text}\n`);

try {
  const options = parseClusterCommand(process.argv.slice(2), process.env);
  if (options === 'help') print(CLUSTER_HELP);
  else await run(options);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

async function run(options: ClusterOptions): Promise<void> {
  switch (options.command) {
    case 'up':
      return clusterUp(options, say);
    case 'down':
      await resumeEngines(options);
      return clusterDown(options, say);
    case 'status':
      if (!(await clusterStatus(options, print))) process.exitCode = 1;
      return;
    case 'restart':
      return clusterRestart(options);
    case 'start':
      return clusterStart(options);
    case 'kill':
      return clusterKill(options);
    case 'pause':
      return clusterPause(options);
    case 'resume':
      return clusterResume(options);
    default:
      return assertNever(options.command);
  }
}
