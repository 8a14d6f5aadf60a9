import type { KeyState } from '@ecolink/contracts';

/** Of a million keys many say the same: the account's id and the scopes are kept once for all of them. */
export class SharedValues {
  private readonly texts = new Map<string, string>();
  private readonly scopes = new Map<string, KeyState['scopes']>();

  of(key: KeyState): KeyState {
    key.account_id = shared(this.texts, key.account_id, key.account_id);
    key.scopes = shared(this.scopes, key.scopes.join(), key.scopes);
    return key;
  }
}

function shared<Value>(known: Map<string, Value>, name: string, value: Value): Value {
  const earlier = known.get(name);
  if (earlier !== undefined) return earlier;
  known.set(name, value);
  return value;
}
