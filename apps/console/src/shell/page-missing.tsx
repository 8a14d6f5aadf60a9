import { IconMapQuestion } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { text } from '../text/index.js';
import { Empty } from '../ui/empty.js';
import styles from './shell.module.css';

export function PageMissing() {
  return (
    <div className={styles.content}>
      <h1 className="visually-hidden">{text.shell.missing}</h1>
      <Empty icon={IconMapQuestion} title={text.shell.missing} action={<Link to="/">{text.shell.home}</Link>}>
        {text.shell.missingBody}
      </Empty>
    </div>
  );
}
