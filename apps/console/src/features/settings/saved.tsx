import styles from '../../ui/form.module.css';

/** Says that a change took effect; read out when it appears. */
export function Saved({ shown, children }: { readonly shown: boolean; readonly children: string }) {
  return (
    <p role="status" className={styles.note}>
      {shown ? children : ''}
    </p>
  );
}
