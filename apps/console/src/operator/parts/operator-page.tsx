import type { ReactNode } from 'react';
import { PageHeader } from '../../ui/page-header.js';
import page from '../../ui/page.module.css';
import { useTitle } from '../../ui/use-title.js';

interface OperatorPageProps {
  readonly title: string;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

/** Title, actions, content: what every page of operators has. */
export function OperatorPage({ title, actions, children }: OperatorPageProps) {
  useTitle(title);
  return (
    <>
      <PageHeader title={title} actions={actions} />
      <div className={page.content}>{children}</div>
    </>
  );
}
