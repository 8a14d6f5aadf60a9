import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { countText, roundedText } from '../../format/count.js';
import { latencyText } from '../../format/duration.js';
import { nanoUsd } from '../../format/money.js';
import { text } from '../../text/index.js';
import type { ChartPoint } from '../../ui/chart-paths.js';
import { ModelId } from '../../ui/model-id.js';
import { Money } from '../../ui/money.js';
import { RegionChip } from '../../ui/region-chip.js';
import { RowMenu } from '../../ui/row-menu.js';
import { Sparkline } from '../../ui/sparkline.js';
import { StateDot } from '../../ui/state-dot.js';
import table from '../../ui/table.module.css';
import { billingSummaryQuery, type HeldOf, heldByInstance, NOTHING_HELD } from '../billing/summary.js';
import { hardwareText } from './hardware.js';
import { ActionDialog, type InstanceActionName } from './instance-actions.js';
import type { InstanceMetrics } from './metrics-query.js';
import type { Instance } from './queries.js';
import { barsOf, hourlyCostOf, LIVE_STATES, stateOf } from './states.js';
import { type Traffic, useLastHour, useTraffic } from './traffic.js';

/** Live ones first, then by id: an order that no update changes under the pointer. */
function inOrder(instances: readonly Instance[]): Instance[] {
  const rank = (instance: Instance): number => (LIVE_STATES.has(instance.state) ? 0 : instance.state === 'terminated' ? 2 : 1);
  return [...instances].sort((left, right) => rank(left) - rank(right) || left.id - right.id);
}

/** Each course is a question of its own: the first of a long list have theirs. */
const COURSES_MAX = 25;
const PERCENT = 100;

function courseOf({ data }: InstanceMetrics): ChartPoint[] {
  return data.map((step) => ({ at: Date.parse(step.at), value: step.calls_per_second }));
}

function errorsText({ total }: InstanceMetrics): string {
  return `${((total.errors / total.calls) * PERCENT).toFixed(2)} %`;
}

export function InstancesTable({ instances }: { readonly instances: readonly Instance[] }) {
  const { columns } = text.instances;
  const trafficOf = useTraffic();
  const summary = useQuery(billingSummaryQuery).data;
  const held = summary === undefined ? undefined : heldByInstance(summary.holds);
  return (
    <div className={table.frame}>
      <table className={table.table}>
        <thead>
          <tr>
            <th scope="col">{columns.instance}</th>
            <th scope="col">{columns.state}</th>
            <th scope="col">{columns.regions}</th>
            <th scope="col">{columns.hardware}</th>
            <th scope="col" className={table.right}>
              {columns.calls}
            </th>
            <th scope="col" className={table.right}>
              {columns.ttft}
            </th>
            <th scope="col" className={table.right}>
              {columns.errors}
            </th>
            <th scope="col" className={table.right}>
              {columns.rate}
            </th>
            <th scope="col" className={table.right}>
              {columns.month}
            </th>
            <th scope="col">
              <span className="visually-hidden">{columns.actions}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {inOrder(instances).map((instance, place) => (
            <Row
              key={instance.id}
              instance={instance}
              hasCourse={place < COURSES_MAX}
              traffic={trafficOf?.(instance.model)}
              held={held === undefined ? undefined : (held.get(instance.id) ?? NOTHING_HELD)}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface RowProps {
  readonly instance: Instance;
  readonly hasCourse: boolean;
  readonly traffic: Traffic | undefined;
  readonly held: HeldOf | undefined;
}

function Row({ instance, hasCourse, traffic, held }: RowProps) {
  const { columns } = text.instances;
  const isLive = LIVE_STATES.has(instance.state);
  const quiet = isLive ? undefined : table.quiet;
  const rate = hourlyCostOf(instance);
  const left = held?.left ?? nanoUsd(instance.hold_nano_usd);
  const hour = useLastHour(instance.id, isLive && hasCourse);
  return (
    <tr className={quiet}>
      <td className={table.whole}>
        <Link to="/instances/$id" params={{ id: String(instance.id) }} className={table.link}>
          <ModelId id={instance.model} quiet={!isLive} />
        </Link>
        <span className={table.sub}>
          {instance.openai_compatible
            ? text.instances.category[instance.category]
            : text.instances.custom(instance.custom_api_path ?? '')}
        </span>
      </td>
      <td className={table.whole}>
        <StateDot {...stateOf(instance)} />
      </td>
      <td data-l={columns.regions}>
        <span className={table.chips}>
          {instance.deployments.map(({ region, pods }) => (
            <RegionChip key={region} region={region} bars={barsOf(pods, instance.state)} />
          ))}
        </span>
      </td>
      <td className={table.line} data-l={columns.hardware}>
        {hardwareText(instance)}
      </td>
      <td className={`${table.right ?? ''} ${table.line ?? ''}`} data-l={columns.calls}>
        {hour !== undefined && hour.total.calls > 0 && <Sparkline points={courseOf(hour)} />}
        {traffic === undefined || !isLive ? text.ui.none : roundedText(traffic.callsPerMinute)}
      </td>
      <td className={`${table.right ?? ''} ${table.line ?? ''}`} data-l={columns.ttft}>
        {hour === undefined || hour.total.ttft_ms_p50 === null ? text.ui.none : latencyText(hour.total.ttft_ms_p50)}
      </td>
      <td className={`${table.right ?? ''} ${table.line ?? ''}`} data-l={columns.errors}>
        {hour === undefined || hour.total.calls === 0 ? text.ui.none : errorsText(hour)}
      </td>
      <td className={table.right} data-l={columns.rate}>
        {instance.gpu_type === null ? (
          <span className={table.quiet}>{text.instances.free}</span>
        ) : isLive ? (
          <>
            <Money amount={rate} />
            <span className={table.quiet}>{text.shell.perHour}</span>
          </>
        ) : (
          text.ui.none
        )}
        {left > 0n && (
          <span className={table.note}>
            <Money amount={left} /> {text.instances.held}
          </span>
        )}
      </td>
      <td className={table.right} data-l={columns.month}>
        {traffic === undefined || traffic.monthCalls === 0 ? (
          text.ui.none
        ) : (
          <>
            <Money amount={traffic.monthCost} />
            <span className={table.note}>{text.instances.callsOf(countText(traffic.monthCalls))}</span>
          </>
        )}
      </td>
      <td className={`${table.right ?? ''} ${table.menu ?? ''}`}>
        <InstanceMenu instance={instance} />
      </td>
    </tr>
  );
}

const ACTIONS: readonly InstanceActionName[] = ['start', 'stop', 'terminate'];

function InstanceMenu({ instance }: { readonly instance: Instance }) {
  const navigate = useNavigate();
  const [asking, setAsking] = useState<InstanceActionName>();
  const open = (): void => void navigate({ to: '/instances/$id', params: { id: String(instance.id) } });
  const actions = ACTIONS.filter((action) => instance.actions.includes(action)).map((action) => ({
    label: text.instance[action],
    onClick: () => setAsking(action),
  }));
  return (
    <>
      <RowMenu
        label={text.instances.menu(instance.model)}
        actions={[{ label: text.instances.open, onClick: open }, ...actions]}
      />
      {asking !== undefined && <ActionDialog instance={instance} action={asking} onClose={() => setAsking(undefined)} />}
    </>
  );
}
