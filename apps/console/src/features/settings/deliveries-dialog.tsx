import { useQuery } from '@tanstack/react-query';
import { toProblem } from '../../api/problem.js';
import { dateTimeText } from '../../format/time.js';
import { text } from '../../text/index.js';
import { Dialog } from '../../ui/dialog.js';
import { ProblemNotice } from '../../ui/problem-notice.js';
import { RowsLoading } from '../../ui/rows-loading.js';
import table from '../../ui/table.module.css';
import { useZone } from '../session/queries.js';
import { type Channel, deliveriesQuery, whereOf } from './queries.js';

/** The newest deliveries of a channel, with what the other side answered. */
export function DeliveriesDialog({ channel, onClose }: { readonly channel: Channel; readonly onClose: () => void }) {
  const { data: deliveries, error } = useQuery(deliveriesQuery(channel.id));
  const zone = useZone();
  const { deliveryColumns: columns, ...t } = text.settings.alerts;
  return (
    <Dialog onClose={onClose} title={t.deliveriesOf(whereOf(channel))} size={760}>
      {deliveries === undefined && error === null && <RowsLoading rows={3} />}
      {deliveries === undefined && error !== null && <ProblemNotice problem={toProblem(error)} />}
      {deliveries?.length === 0 && <p>{t.noDeliveries}</p>}
      {deliveries !== undefined && deliveries.length > 0 && (
        <div className={table.frame}>
          <table className={table.table}>
            <thead>
              <tr>
                <th scope="col">{columns.at}</th>
                <th scope="col">{columns.kind}</th>
                <th scope="col">{columns.status}</th>
                <th scope="col">{columns.attempts}</th>
                <th scope="col">{columns.answer}</th>
              </tr>
            </thead>
            <tbody>
              {deliveries.map((delivery) => (
                <tr key={delivery.id}>
                  <td className={table.whole}>{dateTimeText(delivery.created_at, zone)}</td>
                  <td data-l={columns.kind}>
                    {delivery.notification_id === null ? t.testKind : (t.notifications[delivery.kind] ?? delivery.kind)}
                  </td>
                  <td data-l={columns.status}>{t.deliveryStatus[delivery.status]}</td>
                  <td data-l={columns.attempts}>{delivery.attempts}</td>
                  <td data-l={columns.answer}>
                    {delivery.response_status ?? text.ui.none}
                    {delivery.problem !== null && <span className={table.sub}>{delivery.problem}</span>}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Dialog>
  );
}
