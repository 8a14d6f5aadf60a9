import { parseModelId } from '@ecolink/contracts';
import styles from './model-id.module.css';

/** `my-llama:142` with its suffix tinted. A platform id is cut at its end, an instance's suffix never. */
export function ModelId({ id, quiet = false }: { readonly id: string; readonly quiet?: boolean }) {
  const parsed = parseModelId(id);
  const className = quiet ? `${styles.id ?? ''} ${styles.quiet ?? ''}` : styles.id;
  if (parsed?.kind !== 'instance') {
    return (
      <span className={className} title={id}>
        <span className={styles.name}>{id}</span>
      </span>
    );
  }
  return (
    <span className={className} title={id}>
      <span className={styles.name}>{parsed.name}</span>
      <span className={styles.suffix}>:{parsed.instanceId}</span>
    </span>
  );
}
