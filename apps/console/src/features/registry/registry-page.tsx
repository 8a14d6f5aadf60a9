import { Button } from '@mantine/core';
import { IconLayersSubtract, IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { toProblem } from '../../api/problem.js';
import { dateText } from '../../format/time.js';
import { text } from '../../text/index.js';
import { type Column, DataTable } from '../../ui/data-table.js';
import { Empty } from '../../ui/empty.js';
import { PageHeader } from '../../ui/page-header.js';
import page from '../../ui/page.module.css';
import { ProblemNotice } from '../../ui/problem-notice.js';
import { type RowAction, RowMenu } from '../../ui/row-menu.js';
import { RowsLoading } from '../../ui/rows-loading.js';
import table from '../../ui/table.module.css';
import { useTitle } from '../../ui/use-title.js';
import { useZone } from '../session/queries.js';
import { DeleteModelDialog } from './delete-model-dialog.js';
import { type Model, modelsQuery, sourceText } from './queries.js';

const RegisterDialog = lazy(() => import('./register-dialog.js'));

interface RegistryPageProps {
  readonly registering: boolean;
}

/** What instances can be launched from. */
export function RegistryPage({ registering }: RegistryPageProps) {
  const navigate = useNavigate({ from: '/registry' });
  const { data: models, error } = useQuery(modelsQuery);
  const [removing, setRemoving] = useState<Model>();
  useTitle(text.registry.title);
  const isEmpty = models?.length === 0;
  const open = (): void => void navigate({ search: { register: 'new' } });
  const close = (): void => void navigate({ search: {} });
  const button = (variant: 'filled' | 'default') => (
    <Button variant={variant} leftSection={<IconPlus size={16} stroke={1.8} aria-hidden="true" />} onClick={open}>
      {text.registry.register}
    </Button>
  );
  return (
    <>
      <PageHeader title={text.registry.title} note={models?.length} actions={button(isEmpty ? 'default' : 'filled')} />
      <div className={page.content}>
        {models === undefined && error === null && <RowsLoading rows={4} />}
        {models === undefined && error !== null && <ProblemNotice problem={toProblem(error)} />}
        {isEmpty && (
          <Empty icon={IconLayersSubtract} title={text.registry.empty} action={button('filled')}>
            {text.registry.emptyBody}
          </Empty>
        )}
        {models !== undefined && models.length > 0 && <ModelsTable models={models} onRemove={setRemoving} />}
      </div>
      <Suspense>{registering && <RegisterDialog onClose={close} />}</Suspense>
      {removing !== undefined && <DeleteModelDialog model={removing} onClose={() => setRemoving(undefined)} />}
    </>
  );
}

function ModelsTable({ models, onRemove }: { readonly models: readonly Model[]; readonly onRemove: (model: Model) => void }) {
  const { columns } = text.registry;
  const zone = useZone();
  const navigate = useNavigate();
  const actionsOf = (model: Model): RowAction[] => [
    { label: text.registry.launch, onClick: () => void navigate({ to: '/instances', search: { launch: model.id } }) },
    { label: text.registry.remove, onClick: () => onRemove(model) },
  ];
  const shown: Column<Model>[] = [
    { header: columns.name, kind: 'lead', cell: ({ name }) => <span className="mono">{name}</span> },
    { header: columns.category, cell: ({ category }) => text.instances.category[category] },
    {
      header: columns.source,
      cell: ({ source }) => (
        <>
          {text.registry.sources[source.kind]}
          <span className={table.sub}>{sourceText(source)}</span>
        </>
      ),
    },
    { header: columns.served, cell: ({ served_model_name: served }) => <span className="mono">{served}</span> },
    { header: columns.created, cell: ({ created_at: at }) => dateText(at, zone) },
    {
      header: columns.actions,
      kind: 'menu',
      cell: (model) => <RowMenu label={text.registry.menu(model.name)} actions={actionsOf(model)} />,
    },
  ];
  return <DataTable framed columns={shown} rows={models} />;
}
