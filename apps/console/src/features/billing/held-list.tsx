import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { moneyText } from '../../format/money.js';
import { text } from '../../text/index.js';
import { ModelId } from '../../ui/model-id.js';
import { Money } from '../../ui/money.js';
import { instancesQuery } from '../instances/queries.js';
import styles from './billing.module.css';
import type { Summary } from './cards.js';
import { heldByInstance } from './summary.js';

/** What the held sum is made of: the unspent part of each instance's hold. */
export function HeldList({ holds }: Pick<Summary, 'holds'>) {
  const models = new Map((useQuery(instancesQuery).data ?? []).map(({ id, model }) => [id, model]));
  // Of instances that cost nothing there is nothing to add up.
  const held = [...heldByInstance(holds)].filter(([, { whole }]) => whole > 0n);
  if (held.length === 0) return null;
  return (
    <ul className={styles.held} aria-label={text.billing.stands.held}>
      {held.map(([id, { left, whole }]) => (
        <li key={id}>
          <Link to="/instances/$id" params={{ id: String(id) }} className={styles.heldName}>
            <ModelId id={models.get(id) ?? text.billing.transactions.instance(id)} />
          </Link>
          <span className={styles.heldSum}>
            <Money amount={left} />
            <span className={styles.quiet}>{text.billing.stands.ofHold(moneyText(whole))}</span>
          </span>
        </li>
      ))}
    </ul>
  );
}
