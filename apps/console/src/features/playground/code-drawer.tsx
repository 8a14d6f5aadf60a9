import { text } from '../../text/index.js';
import { CodeTabs } from '../../ui/code-tabs.js';
import styles from './code-drawer.module.css';
import { type CodeRequest, codeSamples } from './snippets.js';
import { Drawer } from '../../ui/dialog.js';

interface CodeDrawerProps {
  readonly request: CodeRequest | undefined;
  readonly opened: boolean;
  readonly onClose: () => void;
}

/** Exactly the request of the tab, for a program. */
export default function CodeDrawer({ request, opened, onClose }: CodeDrawerProps) {
  const t = text.playground;
  return (
    <Drawer opened={opened} onClose={onClose} title={t.viewCode} size={560}>
      <p className={styles.intro}>
        {t.codeIntro} <code className={styles.name}>ECOLINK_API_KEY</code> {t.codeIntroEnd}{' '}
        <a href="/console/keys?create=new">{t.createKey}</a>
      </p>
      {request !== undefined && <CodeTabs samples={codeSamples(request, window.location.origin)} name={t.viewCode} />}
    </Drawer>
  );
}
