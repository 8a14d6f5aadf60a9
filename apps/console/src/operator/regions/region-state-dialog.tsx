import { useQuery } from '@tanstack/react-query';
import { take } from '../../api/client.js';
import { toProblem } from '../../api/problem.js';
import { operatorText } from '../../text/operator.js';
import { text } from '../../text/index.js';
import { ProblemNotice } from '../../ui/problem-notice.js';
import { adminApi } from '../api.js';
import { ChangeDialog } from '../parts/change-dialog.js';
import { drainEffectQuery, type Region } from './queries.js';

const t = operatorText.regions;
const NAMED_MAX = 12;

interface RegionStateDialogProps {
  readonly region: Region;
  readonly state: Region['state'];
  readonly onClose: () => void;
}

export function RegionStateDialog({ region: { region }, state, onClose }: RegionStateDialogProps) {
  return (
    <ChangeDialog
      title={t.titles[state](region)}
      body={
        <>
          <p>{t.bodies[state]}</p>
          {state === 'draining' && <DrainEffect region={region} />}
        </>
      }
      action={t.confirm[state](region)}
      danger={state !== 'active'}
      onConfirm={async () => {
        await take(adminApi.PATCH('/admin/v1/regions/{code}', { params: { path: { code: region } }, body: { state } }));
      }}
      onClose={onClose}
      audited={() => ({ method: 'PATCH', path: `/admin/v1/regions/${region}` })}
      changes={['regions']}
    />
  );
}

/** Which instances would lose their last region. */
function DrainEffect({ region }: { readonly region: string }) {
  const { data, error } = useQuery(drainEffectQuery(region));
  if (data === undefined)
    return error === null ? <p role="status">{text.ui.loading}</p> : <ProblemNotice problem={toProblem(error)} />;
  const { models, isAll } = data;
  return (
    <>
      <p>{models.length === 0 ? t.noneLose : t.lose(models.length)}</p>
      {models.length > 0 && (
        <p className="mono">
          {models.slice(0, NAMED_MAX).join(', ')}
          {models.length > NAMED_MAX && ` ${operatorText.andMore(models.length - NAMED_MAX)}`}
        </p>
      )}
      {!isAll && <p>{t.notAllSeen}</p>}
    </>
  );
}
