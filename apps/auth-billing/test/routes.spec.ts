import { ROUTES } from '@ecolink/contracts';
import { disagreements, isPublic, routesOfControllers } from '@ecolink/testing';
import { AuthBillingModule, type AuthBillingParts } from '../src/auth-billing.module.js';

const { controllers = [] } = AuthBillingModule.of({} as AuthBillingParts);
const real = routesOfControllers(controllers).filter(isPublic);
const published = ROUTES.filter((route) => route.owner === 'auth-billing');
const nameOf = ({ method, path }: { method: string; path: string }): string => `${method} ${path}`;

describe('the published API of auth-billing', () => {
  it('is what its controllers serve: no call more, no call less', () => {
    expect(real.length).toBeGreaterThan(0);
    expect(published.map(nameOf).sort()).toEqual(real.map(nameOf).sort());
  });

  it('names the schemas, statuses and guards that its controllers use', () => {
    const byName = new Map(real.map((route) => [nameOf(route), route]));
    // Who is signed in is found out by this one itself, so that the account may be suspended.
    const checked = published.filter((route) => nameOf(route) !== 'GET /api/v1/me');
    expect(checked.flatMap((route) => disagreements(route, found(byName, nameOf(route))))).toEqual([]);
  });
});

function found<T>(routes: ReadonlyMap<string, T>, name: string): T {
  const route = routes.get(name);
  if (route === undefined) throw new Error(`nobody serves ${name}`);
  return route;
}
