import { HEADER } from '@ecolink/contracts';
import type { Answer, TestService } from '../service.js';

export interface Refused {
  readonly error: { readonly code: string; readonly param: string | null; readonly message: string };
}

export const PASSWORD = 'correct horse battery';

/** A browser: keeps the cookies that the service sets, and comes from an address of its own. */
export class Browser {
  private readonly cookies = new Map<string, string>();

  constructor(
    private readonly service: TestService,
    readonly address = '203.0.113.1',
  ) {}

  async call<Body = Refused>(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer<Body>> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await this.service.call<Body>(method, path, {
      body,
      headers: { ...(cookie === '' ? {} : { cookie }), [HEADER.clientAddress]: this.address, ...headers },
    });
    for (const text of answer.headers.getSetCookie()) {
      const [name = '', value = ''] = (text.split(';')[0] ?? '').split('=', 2);
      if (value === '') this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return answer;
  }

  cookie(name: string): string | undefined {
    return this.cookies.get(name);
  }

  setCookie(name: string, value: string): void {
    this.cookies.set(name, value);
  }

  signUp(email: string, more: object = {}): Promise<Answer<SignedUpBody & Refused>> {
    return this.call('POST', '/api/v1/signup', { email, password: PASSWORD, ...more });
  }

  signIn(email: string, password = PASSWORD, more: object = {}): Promise<Answer<Refused>> {
    return this.call('POST', '/api/v1/session', { email, password, ...more });
  }
}

export interface SignedUpBody {
  readonly user: { readonly id: string; readonly email: string };
  readonly account: { readonly id: string; readonly name: string; readonly role: string };
}

/** A browser that has just signed up. */
export async function newOwner(
  service: TestService,
  email: string,
): Promise<{ browser: Browser; userId: string; accountId: string }> {
  const browser = new Browser(service, `2001:db8:${nextNetwork()}::1`);
  const { status, body } = await browser.signUp(email);
  if (status !== 201) throw new Error(`sign-up answered ${status}: ${JSON.stringify(body)}`);
  return { browser, userId: body.user.id, accountId: body.account.id };
}

let networks = 0;
function nextNetwork(): string {
  networks += 1;
  return networks.toString(16);
}
