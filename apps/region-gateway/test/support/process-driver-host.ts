import { gatewayDeployment } from '@ecolink/contracts';
import { processDriver } from '../../src/drivers/process/process-driver.js';

// A gateway's driver in a process of its own: made to be killed. Tells every report as a line.
const [directory = '', ...deployments] = process.argv.slice(2);
const driver = processDriver({
  region: 'mv',
  report: ({ instance_id: id }, pods) => console.log(JSON.stringify({ id, pods })),
  options: { process: { directory } },
});
for (const text of deployments) await driver.reconcile(gatewayDeployment.parse(JSON.parse(text)));
setInterval(() => undefined, 60_000);
