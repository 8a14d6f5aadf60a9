import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { text } from '../../text/index.js';
import { modelsQuery } from '../registry/queries.js';
import styles from './first-steps.module.css';

/** An account without instances is led to its first call; the first step that is open is the active one. */
export function FirstSteps() {
  const navigate = useNavigate();
  const { data: models } = useQuery(modelsQuery);
  const active = models !== undefined && models.length > 0 ? 1 : 0;
  const t = text.registry.steps;
  const steps = [
    { title: t.register, body: t.registerBody, go: () => void navigate({ to: '/registry', search: { register: 'new' } }) },
    { title: t.launch, body: t.launchBody, go: () => void navigate({ to: '/instances', search: { launch: 'new' } }) },
    { title: t.call, body: t.callBody, go: () => void navigate({ to: '/playground' }) },
  ];
  return (
    <section className={styles.steps}>
      <h2 className={styles.title}>{t.title}</h2>
      <ol className={styles.list}>
        {steps.map(({ title, body, go }, index) => (
          <li key={title} className={index === active ? styles.active : styles.step}>
            <span className={styles.number} aria-hidden="true">
              {index < active ? '✓' : index + 1}
            </span>
            <span className={styles.words}>
              <strong>{title}</strong>
              <span>{body}</span>
            </span>
            {index === active && <Button onClick={go}>{title}</Button>}
          </li>
        ))}
      </ol>
    </section>
  );
}
