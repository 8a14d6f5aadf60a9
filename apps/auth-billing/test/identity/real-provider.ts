import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Provider } from 'oidc-provider';

/** A person whom the provider knows. */
export interface ProviderPerson {
  readonly email: string;
  readonly email_verified: boolean;
}

export const CLIENT_ID = 'ecolink';
export const CLIENT_SECRET = 'secret-of-the-client-in-tests-00000000';

/** The certified provider `oidc-provider`, on a port of this machine, with its own sign-in pages. */
export class RealProvider {
  private constructor(
    private readonly server: Server,
    readonly issuer: string,
  ) {}

  static async start(redirectUri: string, people: ReadonlyMap<string, ProviderPerson>): Promise<RealProvider> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const provider = new Provider(issuer, {
      clients: [{ client_id: CLIENT_ID, client_secret: CLIENT_SECRET, redirect_uris: [redirectUri] }],
      claims: { openid: ['sub'], email: ['email', 'email_verified'] },
      pkce: { required: () => true },
      cookies: { keys: ['key-of-cookies-in-tests'] },
      findAccount: (_context, id) => {
        const person = people.get(id);
        return person === undefined ? undefined : { accountId: id, claims: () => ({ sub: id, ...person }) };
      },
    });
    const answer = provider.callback();
    server.on('request', (request, response) => void answer(request, response));
    return new RealProvider(server, issuer);
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** Signs in on the provider's pages as a browser does, from its authorization address to the address it leads back to. */
  async signIn(authorizationUrl: string, login: string, transcript: string[]): Promise<string> {
    const cookies = new Map<string, string>();
    let url = authorizationUrl;
    let form: URLSearchParams | undefined;
    for (let step = 0; step < 12; step += 1) {
      const response = await fetch(url, {
        method: form === undefined ? 'GET' : 'POST',
        redirect: 'manual',
        headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
        ...(form === undefined ? {} : { body: form }),
      });
      transcript.push(`${form === undefined ? 'GET' : 'POST'} ${new URL(url).pathname} → ${response.status}`);
      for (const text of response.headers.getSetCookie()) {
        const [name = '', value = ''] = (text.split(';')[0] ?? '').split('=', 2);
        cookies.set(name, value);
      }
      const location = response.headers.get('location');
      if (location !== null) {
        url = new URL(location, url).href;
        form = undefined;
        if (!url.startsWith(this.issuer)) return url;
        continue;
      }
      const page = await response.text();
      const prompt = /name="prompt" value="(\w+)"/.exec(page)?.[1];
      if (prompt === undefined) throw new Error(`no form on ${url}: ${page.slice(0, 500)}`);
      form = new URLSearchParams(prompt === 'login' ? { prompt, login, password: 'any' } : { prompt });
      const action = /action="([^"]+)"/.exec(page)?.[1] ?? url;
      url = new URL(action, url).href;
    }
    throw new Error('the provider did not lead back');
  }
}
