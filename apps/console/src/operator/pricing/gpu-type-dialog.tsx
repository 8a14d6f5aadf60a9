import { useQuery } from '@tanstack/react-query';
import { take } from '../../api/client.js';
import { operatorText } from '../../text/operator.js';
import { adminApi, type GpuType } from '../api.js';
import { ChangeDialog, type Values } from '../parts/change-dialog.js';
import type { Field } from '../parts/change-field.js';
import { dollarsOf, isCount, parseSignedDollars, required } from '../parts/values.js';
import { regionsQuery } from '../regions/queries.js';

const t = operatorText.gpuTypes;
const NAME: Field = { name: 'name', label: t.columns.name, note: t.nameNote };
const RATE: Field = { name: 'hourly_rate_nano_usd', label: t.columns.rate, kind: 'dollars' };
const MEMORY: Field = { name: 'memory_gb', label: t.memory, note: t.memoryNote, kind: 'integer' };

interface GpuTypeDialogProps {
  /** Absent: a new one. */
  readonly gpuType?: GpuType;
  readonly onClose: () => void;
}

const fieldOf = (region: string): string => `gpus:${region}`;

/** Rate and memory of a type, and how many there are in each region. Drawn once the regions are known. */
export function GpuTypeDialog({ gpuType, onClose }: GpuTypeDialogProps) {
  const regions = useQuery(regionsQuery).data?.map(({ region }) => region);
  return regions === undefined ? null : <Form regions={regions} onClose={onClose} {...(gpuType && { gpuType })} />;
}

function Form({ gpuType, regions, onClose }: GpuTypeDialogProps & { readonly regions: readonly string[] }) {
  const isNew = gpuType === undefined;
  const nameOf = (values: Values): string => gpuType?.name ?? (values['name'] ?? '').trim();
  return (
    <ChangeDialog
      title={isNew ? t.create : t.changeTitle(gpuType.name)}
      body={t.body}
      action={isNew ? t.create : t.change}
      fields={[
        ...(isNew ? [NAME] : []),
        RATE,
        MEMORY,
        ...regions.map((region) => ({ name: fieldOf(region), label: t.gpusIn(region), kind: 'integer' as const })),
      ]}
      initial={initialOf(gpuType, regions)}
      validate={(values) => wrongOf(values, regions, isNew)}
      onConfirm={async (values) => {
        const params = { path: { name: nameOf(values) } };
        await take(adminApi.PUT('/admin/v1/gpu-types/{name}', { params, body: bodyOf(values, regions) }));
      }}
      onClose={onClose}
      audited={(values) => ({ method: 'PUT', path: `/admin/v1/gpu-types/${encodeURIComponent(nameOf(values))}` })}
      changes={['gpu-types']}
    />
  );
}

function initialOf(gpuType: GpuType | undefined, regions: readonly string[]): Values {
  const gpusIn = (region: string): number => gpuType?.capacity.find((entry) => entry.region === region)?.gpus ?? 0;
  const memory = gpuType?.memory_gb ?? null;
  return {
    ...(gpuType === undefined ? { name: '' } : {}),
    hourly_rate_nano_usd: dollarsOf(gpuType?.hourly_rate_nano_usd),
    memory_gb: memory === null ? '' : String(memory),
    ...Object.fromEntries(regions.map((region) => [fieldOf(region), String(gpusIn(region))])),
  };
}

function wrongOf(values: Values, regions: readonly string[], isNew: boolean): Values {
  const rate = parseSignedDollars(values['hourly_rate_nano_usd'] ?? '');
  const memory = values['memory_gb'] ?? '';
  const counts = regions.map(fieldOf).filter((field) => !isCount(values[field] ?? ''));
  return {
    ...(isNew ? required(values, ['name']) : {}),
    ...(rate === undefined || rate < 0n ? { hourly_rate_nano_usd: operatorText.errors.price } : {}),
    ...(memory.trim() !== '' && !isCount(memory) ? { memory_gb: operatorText.errors.count } : {}),
    ...Object.fromEntries(counts.map((field) => [field, operatorText.errors.count])),
  };
}

function bodyOf(values: Values, regions: readonly string[]) {
  const memory = (values['memory_gb'] ?? '').trim();
  return {
    hourly_rate_nano_usd: String(parseSignedDollars(values['hourly_rate_nano_usd'] ?? '') ?? 0n),
    ...(memory === '' ? {} : { memory_gb: Number(memory) }),
    capacity: regions.map((region) => ({ region, gpus: Number(values[fieldOf(region)]) })).filter(({ gpus }) => gpus > 0),
  };
}
