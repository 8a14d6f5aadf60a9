const TIMEOUT_MS = 30_000;
const ACCOUNTS_PER_PAGE = 100;

/** Calls of the operators' listener (`/admin/v1`), with an operator's token. */
export class OperatorsApi {
  constructor({ url, token }) {
    this.url = url.replace(/\/$/, '');
    this.token = token;
  }

  async get(path, query) {
    const response = await fetch(`${this.url}/admin/v1${path}?${new URLSearchParams(query)}`, {
      headers: { authorization: `Bearer ${this.token}` },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const body = await response.json();
    if (!response.ok) throw new Error(`${path}: ${response.status} ${body.error?.message ?? ''}`);
    return body;
  }

  /** What the product itself says: nano-USD by account. */
  async balances() {
    const balances = new Map();
    for (let after; ;) {
      const page = await this.get('/accounts', { limit: ACCOUNTS_PER_PAGE, ...(after === undefined ? {} : { after }) });
      for (const account of page.data) balances.set(account.id, account.balance_nano_usd);
      if (!page.has_more) return balances;
      after = page.last_id;
    }
  }
}
