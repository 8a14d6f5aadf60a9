import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { take } from '../../api/client.js';
import { countText } from '../../format/count.js';
import { operatorText } from '../../text/operator.js';
import { adminApi } from '../api.js';
import { AdminTable, type Column } from '../parts/admin-table.js';
import { listOfQuery } from '../parts/list-of-query.js';
import { OperatorPage } from '../parts/operator-page.js';
import { type Plan, PlanDialog } from './plan-dialog.js';
import { PLAN_LIMITS } from './plan-limits.js';

const t = operatorText.plans;

const COLUMNS: readonly Column<Plan>[] = [
  { label: t.columns.name, cell: ({ name }) => <strong>{name}</strong> },
  ...PLAN_LIMITS.map((limit): Column<Plan> => ({
    label: t.short[limit],
    right: true,
    cell: (plan) => {
      const value = plan[limit];
      return value === null || value === undefined ? t.unlimited : countText(value);
    },
  })),
];

export function PlansPage() {
  const query = useQuery({
    queryKey: ['plans', 'list'],
    queryFn: async () => (await take(adminApi.GET('/admin/v1/plans'))).data,
    refetchOnWindowFocus: false,
  });
  const [asked, setAsked] = useState<{ readonly plan?: Plan }>();
  const add = (
    <Button leftSection={<IconPlus size={16} stroke={1.8} aria-hidden="true" />} onClick={() => setAsked({})}>
      {t.create}
    </Button>
  );
  return (
    <OperatorPage title={operatorText.pages.plans} actions={add}>
      <AdminTable
        list={listOfQuery(query)}
        columns={COLUMNS}
        keyOf={({ name }) => name}
        empty={t.empty}
        actions={(plan) => (
          <Button variant="default" size="xs" onClick={() => setAsked({ plan })}>
            {operatorText.edit}
            <span className="visually-hidden"> {plan.name}</span>
          </Button>
        )}
      />
      {asked !== undefined && <PlanDialog {...asked} onClose={() => setAsked(undefined)} />}
    </OperatorPage>
  );
}
