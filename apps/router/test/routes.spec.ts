import { buildOpenApi, ROUTES } from '@ecolink/contracts';
import { type RunningService, startService } from '@ecolink/service-kit';
import { INFERENCE_ENDPOINTS } from '../src/apis/endpoints.js';
import { ownerOf } from '../src/listen/forward-to-owner.js';
import { METRICS_PATH, PROXY, READ_ENDPOINTS, SERVICE_PATHS } from '../src/listen/public-paths.js';
import { OpenApiController } from '../src/listen/open-api.controller.js';

const get = (path: string): string => `GET ${path}`;
const served = [
  ...[...INFERENCE_ENDPOINTS.keys()].map((path) => `POST ${path}`),
  ...READ_ENDPOINTS.map(({ template }) => get(template)),
  ...[...SERVICE_PATHS, METRICS_PATH].map(get),
  `ANY ${PROXY.template}`,
];

describe('the published API of the router', () => {
  it('is what it answers itself: no call more, no call less', () => {
    const published = ROUTES.filter((route) => route.owner === 'router').map(({ method, path }) => `${method} ${path}`);
    expect(published.sort()).toEqual(served.sort());
  });

  it('has patterns that fit its templates, and each fits one', () => {
    for (const { template } of READ_ENDPOINTS) {
      const path = template.replace('{id}', 'org/model:7');
      expect(READ_ENDPOINTS.filter(({ pattern }) => pattern.test(path)).map((endpoint) => endpoint.template)).toEqual([template]);
    }
    expect(PROXY.pattern.exec('/inference-instances/7/proxy/a/b')?.slice(1)).toEqual(['7', 'a/b']);
  });

  it('passes every management and operators’ call on to the service that serves it', () => {
    const owners = { authBillingUrl: 'auth-billing', instanceRegistryUrl: 'instance-registry' };
    const passedOn = ROUTES.filter((route) => route.owner !== 'router');
    expect(passedOn.filter((route) => ownerOf(route.path, owners) !== route.owner)).toEqual([]);
    expect(passedOn.every((route) => /^\/(api|admin)\/v1\//.test(route.path))).toBe(true);
  });
});

describe('the router’s own routes', () => {
  let service: RunningService;

  beforeAll(async () => {
    const module = { module: class RouterModule {}, controllers: [OpenApiController] };
    service = await startService({ name: 'router-test', module, host: '127.0.0.1', port: 0 });
  });

  afterAll(() => service.close());

  it.each([...SERVICE_PATHS])('answer %s', async (path) => {
    expect((await fetch(service.url + path)).status).toBe(200);
  });

  it('serve the published API at /openapi.json', async () => {
    const answer = await fetch(`${service.url}/openapi.json`);
    expect(answer.headers.get('content-type')).toContain('application/json');
    expect(await answer.json()).toEqual(JSON.parse(JSON.stringify(buildOpenApi())));
  });
});
