import { dateText } from '../../format/time.js';
import { text } from '../../text/index.js';
import { type Column, DataTable } from '../../ui/data-table.js';
import { RowMenu } from '../../ui/row-menu.js';
import table from '../../ui/table.module.css';
import { useZone } from '../session/queries.js';
import { type Channel, whereOf } from './queries.js';

export type ChannelAction = 'test' | 'deliveries' | 'switch' | 'remove';

interface ChannelsTableProps {
  readonly channels: readonly Channel[];
  readonly onAction: (action: ChannelAction, channel: Channel) => void;
}

export function ChannelsTable({ channels, onAction }: ChannelsTableProps) {
  const { columns, ...t } = text.settings.alerts;
  const zone = useZone();
  const labels = (channel: Channel): Readonly<Record<ChannelAction, string>> => ({
    test: t.test,
    deliveries: t.deliveries,
    switch: channel.status === 'active' ? t.disable : t.enable,
    remove: t.remove,
  });
  const actionsOf = (channel: Channel) =>
    Object.entries(labels(channel)).map(([action, label]) => ({
      label,
      onClick: () => onAction(action as ChannelAction, channel),
    }));
  const shown: Column<Channel>[] = [
    {
      header: columns.where,
      kind: 'lead',
      cell: (channel) => (
        <>
          {whereOf(channel)}
          <span className={table.sub}>{t.kinds[channel.kind]}</span>
        </>
      ),
    },
    {
      header: columns.about,
      cell: ({ notifications }) => notifications?.map((kind) => t.notifications[kind] ?? kind).join(', ') ?? t.all,
    },
    {
      header: columns.status,
      cell: ({ status, status_reason: reason }) => (
        <>
          {t.status[status]}
          {reason !== null && <span className={table.sub}>{reason}</span>}
        </>
      ),
    },
    { header: columns.created, cell: ({ created_at: at }) => dateText(at, zone) },
    {
      header: columns.actions,
      kind: 'menu',
      cell: (channel) => <RowMenu label={t.menu(whereOf(channel))} actions={actionsOf(channel)} />,
    },
  ];
  return <DataTable columns={shown} rows={channels} />;
}
