import type { Units, UsageRecorded } from '@ecolink/contracts';

/** The fields that say whose call it was and to what: mostly the same in a key's next call. */
type Whose = Pick<
  UsageRecorded,
  'source' | 'account_id' | 'key_id' | 'instance_id' | 'platform_model_id' | 'model' | 'endpoint' | 'region' | 'source_tag'
>;

interface Known {
  readonly whose: Whose;
  /** The fields of `whose` as JSON, without the braces around them. */
  readonly json: string;
}

/** Keys whose fields are remembered, about half a kilobyte each; beyond, all are made anew. */
const KNOWN_KEYS_MAX = 10_000;

/**
 * Makes the JSON of usage records, one for each call. `JSON.stringify` takes a tenth of what the router does itself for a call, so
 * what changes from call to call is put behind what does not: ids, times and numbers, none of which needs an escape.
 */
export class UsageJson {
  private readonly known = new Map<string, Known>();

  of(event: UsageRecorded): string {
    return (
      `{"event_id":"${event.event_id}","journal_position":${event.journal_position},${this.whoseJson(event)},` +
      `"started_at":"${event.started_at}","ended_at":"${event.ended_at}","outcome":"${event.outcome}","status":${event.status},` +
      `"units":${unitsJson(event.units)},"estimated":${event.estimated},"billable":${event.billable},` +
      `"ttft_ms":${event.ttft_ms},"request_id":"${event.request_id}"${attemptsJson(event)}${anomaliesJson(event)}${refundJson(event)}}`
    );
  }

  private whoseJson(event: UsageRecorded): string {
    const known = this.known.get(event.key_id);
    if (known !== undefined && isOf(known.whose, event)) return known.json;
    const { source, account_id, key_id, instance_id, platform_model_id, model, endpoint, region, source_tag } = event;
    const whose = { source, account_id, key_id, instance_id, platform_model_id, model, endpoint, region, source_tag };
    const json = JSON.stringify(whose).slice(1, -1);
    if (this.known.size >= KNOWN_KEYS_MAX) this.known.clear();
    this.known.set(key_id, { whose, json });
    return json;
  }
}

function isOf(whose: Whose, event: UsageRecorded): boolean {
  return (
    whose.model === event.model &&
    whose.endpoint === event.endpoint &&
    whose.region === event.region &&
    whose.instance_id === event.instance_id &&
    whose.platform_model_id === event.platform_model_id &&
    whose.source === event.source &&
    whose.account_id === event.account_id &&
    whose.key_id === event.key_id &&
    whose.source_tag === event.source_tag
  );
}

/** Few calls have any. */
function attemptsJson({ attempts }: UsageRecorded): string {
  return attempts === undefined ? '' : `,"attempts":${JSON.stringify(attempts)}`;
}

/** Mostly there are none. */
function anomaliesJson({ anomalies }: UsageRecorded): string {
  return anomalies === undefined ? '' : `,"anomalies":${JSON.stringify(anomalies)}`;
}

/** Calls have none. */
function refundJson({ refund_of: requestId }: UsageRecorded): string {
  return requestId === undefined ? '' : `,"refund_of":${JSON.stringify(requestId)}`;
}

function unitsJson(units: Units): string {
  let json = '';
  for (const name in units) {
    const count = units[name as keyof Units];
    if (count !== undefined) json += `${json === '' ? '' : ','}"${name}":${count}`;
  }
  return `{${json}}`;
}
