import { Component, memo, type ReactNode } from 'react';
import Markdown, { type Components } from 'react-markdown';
import remarkGfm from 'remark-gfm';
import remend from 'remend';
import styles from './markdown.module.css';

const PLUGINS = [remarkGfm];

const COMPONENTS: Components = {
  // A picture would tell its host that the answer was read; its description stays.
  img: ({ alt }) => <span className={styles.image}>{alt ?? ''}</span>,
  a: ({ href, children }) =>
    href?.startsWith('https://') === true ? (
      <a href={href} target="_blank" rel="noopener noreferrer nofollow">
        {children}
      </a>
    ) : (
      <span>{children}</span>
    ),
  table: ({ children }) => (
    <div className={styles.tableFrame} tabIndex={0} role="group">
      <table>{children}</table>
    </div>
  ),
  // Headings of an answer are no headings of the page.
  h1: ({ children }) => <p className={styles.heading}>{children}</p>,
  h2: ({ children }) => <p className={styles.heading}>{children}</p>,
  h3: ({ children }) => <p className={styles.heading}>{children}</p>,
  h4: ({ children }) => <p className={styles.heading}>{children}</p>,
  h5: ({ children }) => <p className={styles.heading}>{children}</p>,
  h6: ({ children }) => <p className={styles.heading}>{children}</p>,
  input: ({ checked }) => <span>{checked === true ? '☑ ' : '☐ '}</span>,
};

function httpsOnly(url: string): string {
  return url.startsWith('https://') ? url : '';
}

/** One block of Markdown. Text that cannot be parsed is shown as it came. */
export const MarkdownBlock = memo(function MarkdownBlock({ raw, open }: { readonly raw: string; readonly open: boolean }) {
  return (
    <PlainOnFailure raw={raw}>
      <div className={styles.block}>
        <Markdown remarkPlugins={PLUGINS} components={COMPONENTS} urlTransform={httpsOnly}>
          {open ? remend(raw) : raw}
        </Markdown>
      </div>
    </PlainOnFailure>
  );
});

interface PlainProps {
  readonly raw: string;
  readonly children: ReactNode;
}

class PlainOnFailure extends Component<PlainProps, { readonly failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError(): { failed: boolean } {
    return { failed: true };
  }

  override render(): ReactNode {
    return this.state.failed ? <div className={styles.plain}>{this.props.raw}</div> : this.props.children;
  }
}
