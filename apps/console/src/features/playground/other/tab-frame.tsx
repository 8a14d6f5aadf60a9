import { Button } from '@mantine/core';
import { IconPlayerStopFilled } from '@tabler/icons-react';
import { lazy, type ReactNode, Suspense } from 'react';
import { text } from '../../../text/index.js';
import { ProblemNotice } from '../../../ui/problem-notice.js';
import chat from '../chat/chat.module.css';
import { ModelNote } from '../model-note.js';
import { ModelPicker } from '../model-picker.js';
import type { TabProps } from '../tab-props.js';
import type { CodeRequest } from '../snippets.js';
import styles from './other.module.css';
import type { CallState } from './use-call.js';

const CodeDrawer = lazy(() => import('../code-drawer.js'));

interface TabFrameProps extends TabProps {
  readonly call: CallState<unknown> & { readonly stop: () => void };
  readonly result: ReactNode;
  readonly form: ReactNode;
  readonly action: string;
  readonly canRun: boolean;
  readonly onRun: () => void;
  readonly request: CodeRequest;
}

/** The model that a tab calls: the one in the address, else the first. */
export function modelOf({ search, models }: TabProps): string {
  return search.model ?? models[0]?.id ?? '';
}

/** Model bar, result, and the form below it. */
export function TabFrame(props: TabFrameProps) {
  const { call, result, form, action, canRun, onRun, request, search, onSearch, models, instances, starting } = props;
  const model = modelOf(props);
  const picked = models.find(({ id }) => id === model);
  return (
    <div className={chat.stage} data-tab={search.tab}>
      <div className={chat.bar}>
        <ModelPicker
          models={models}
          starting={starting}
          value={model === '' ? undefined : model}
          onChange={(id) => onSearch({ model: id })}
        />
        <ModelNote picked={picked} absent={instances.find((instance) => instance.model === model)} />
      </div>
      <div className={styles.scroller}>
        <div className={styles.result}>
          {call.problem !== undefined && (
            <ProblemNotice
              problem={call.problem}
              actions={
                <Button size="xs" variant="default" onClick={onRun}>
                  {text.playground.errors.tryAgain}
                </Button>
              }
            />
          )}
          {result}
        </div>
      </div>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          if (canRun && !call.busy) onRun();
        }}
      >
        {form}
        {call.busy ? (
          <Button variant="default" leftSection={<IconPlayerStopFilled size={14} aria-hidden="true" />} onClick={call.stop}>
            {text.playground.stop}
          </Button>
        ) : (
          <Button type="submit" disabled={!canRun || picked === undefined}>
            {action}
          </Button>
        )}
      </form>
      <Suspense>
        {search.view === 'code' && <CodeDrawer opened onClose={() => onSearch({ view: undefined })} request={request} />}
      </Suspense>
    </div>
  );
}
