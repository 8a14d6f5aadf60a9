import { ActionIcon, Button, Menu } from '@mantine/core';
import { IconChevronRight, IconDots, IconPlayerPlay, IconPlayerStop, IconTerminal2 } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { toProblem } from '../../api/problem.js';
import { dateTimeText, recentText } from '../../format/time.js';
import { moneyText, nanoUsd } from '../../format/money.js';
import { text } from '../../text/index.js';
import { CopyButton } from '../../ui/copy-button.js';
import { ModelId } from '../../ui/model-id.js';
import { Money } from '../../ui/money.js';
import { PageHeader } from '../../ui/page-header.js';
import page from '../../ui/page.module.css';
import { ProblemNotice } from '../../ui/problem-notice.js';
import { RowsLoading } from '../../ui/rows-loading.js';
import { StateDot } from '../../ui/state-dot.js';
import { Strip } from '../../ui/strip.js';
import { useTitle } from '../../ui/use-title.js';
import { useHeldOf } from '../billing/summary.js';
import { useZone } from '../session/queries.js';
import { CallIt } from './call-it.js';
import { Configuration, PriceOfACall } from './configuration.js';
import { Events } from './events.js';
import { ActionDialog, type InstanceActionName } from './instance-actions.js';
import styles from './instance.module.css';
import { Logs } from './logs.js';
import { MetricsOverTime } from './metrics.js';
import { Pods } from './pods.js';
import { type Instance, instanceQuery } from './queries.js';
import { Start } from './start.js';
import { hourlyCostOf, replicasOf, stateOf } from './states.js';

/** One instance: its state and pods, how to call it, its history, and what can be done with it. */
export function InstancePage({ id }: { readonly id: number }) {
  const { data: instance, error } = useQuery(instanceQuery(id));
  const [asking, setAsking] = useState<InstanceActionName>();
  useTitle(instance?.model ?? text.instances.title);
  return (
    <>
      <PageHeader
        title={
          <span className={styles.heading}>
            <Link to="/instances" className={styles.crumb}>
              {text.instance.back}
            </Link>
            <IconChevronRight size={14} stroke={1.7} aria-hidden="true" />
            <ModelId id={instance?.model ?? String(id)} />
            {instance !== undefined && <CopyButton value={instance.model} />}
          </span>
        }
        actions={instance !== undefined && <Actions instance={instance} onAsk={setAsking} />}
      >
        {instance !== undefined && <StateDot {...stateOf(instance)} />}
      </PageHeader>
      <div className={page.content}>
        {instance === undefined && error === null && <RowsLoading rows={4} />}
        {instance === undefined && error !== null && <ProblemNotice problem={toProblem(error)} />}
        {instance !== undefined && <Details instance={instance} />}
      </div>
      {instance !== undefined && asking !== undefined && (
        <ActionDialog instance={instance} action={asking} onClose={() => setAsking(undefined)} />
      )}
    </>
  );
}

interface ActionsProps {
  readonly instance: Instance;
  readonly onAsk: (action: InstanceActionName) => void;
}

function Actions({ instance, onAsk }: ActionsProps) {
  const t = text.instance;
  const may = (action: InstanceActionName): boolean => instance.actions.includes(action);
  const isCallable = instance.openai_compatible && instance.state === 'running';
  const tab = instance.category === 'embedding' ? 'embeddings' : instance.category;
  return (
    <>
      {isCallable && (
        <Button
          component={Link}
          to="/playground"
          search={{ tab, model: instance.model } as never}
          variant="default"
          leftSection={<IconTerminal2 size={16} stroke={1.6} aria-hidden="true" />}
        >
          {t.openInPlayground}
        </Button>
      )}
      {may('stop') && (
        <Button
          variant="default"
          leftSection={<IconPlayerStop size={15} stroke={1.7} aria-hidden="true" />}
          onClick={() => onAsk('stop')}
        >
          {t.stop}
        </Button>
      )}
      {may('start') && (
        <Button leftSection={<IconPlayerPlay size={15} stroke={1.7} aria-hidden="true" />} onClick={() => onAsk('start')}>
          {t.start}
        </Button>
      )}
      {may('terminate') && (
        <Menu position="bottom-end" width={170}>
          <Menu.Target>
            <ActionIcon aria-label={t.actions}>
              <IconDots size={16} stroke={1.7} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item onClick={() => onAsk('terminate')}>{t.terminate}</Menu.Item>
          </Menu.Dropdown>
        </Menu>
      )}
    </>
  );
}

function Details({ instance }: { readonly instance: Instance }) {
  const zone = useZone();
  const { strip } = text.instance;
  const held = useHeldOf(instance.id);
  const ready = instance.deployments.flatMap(({ pods }) => pods).filter(({ healthy }) => healthy).length;
  return (
    <>
      <Strip
        items={[
          {
            label: strip.rate,
            value: <Money amount={instance.state === 'running' ? hourlyCostOf(instance) : 0n} />,
            unit: text.shell.perHour,
          },
          {
            label: instance.cycle_ends_at === null ? strip.held : strip.heldUntil(recentText(instance.cycle_ends_at, zone)),
            value: <Money amount={held?.left ?? nanoUsd(instance.hold_nano_usd)} />,
            ...(held === undefined || held.whole === held.left
              ? {}
              : { unit: ` ${text.billing.stands.ofHold(moneyText(held.whole))}` }),
          },
          { label: strip.pods, value: `${ready} / ${replicasOf(instance)}` },
          { label: strip.created, value: dateTimeText(instance.created_at, zone) },
        ]}
      />
      <div className={styles.columns}>
        <div className={styles.stack}>
          <Start instance={instance} />
          <Pods instance={instance} />
          <MetricsOverTime id={instance.id} />
          <Events id={instance.id} />
          {instance.gpu_type !== null && <Logs id={instance.id} />}
        </div>
        <div className={styles.stack}>
          <CallIt instance={instance} />
          <Configuration instance={instance} />
          <PriceOfACall instance={instance} />
        </div>
      </div>
    </>
  );
}
