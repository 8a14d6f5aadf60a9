import { ROUTES } from '@ecolink/contracts';
import type { InternalClient } from '@ecolink/service-kit';
import { disagreements, isPublic, routesOfControllers } from '@ecolink/testing';
import { InstanceRegistryModule } from '../src/instance-registry.module.js';
import type { InstanceRegistryConfig } from '../src/settings.js';

const config = { encryptionKey: Buffer.alloc(32), podNetworks: [], ownPorts: [] } as unknown as InstanceRegistryConfig;
const { controllers = [] } = InstanceRegistryModule.with(config, {} as InternalClient);
const real = routesOfControllers(controllers).filter(isPublic);
const published = ROUTES.filter((route) => route.owner === 'instance-registry');
const nameOf = ({ method, path }: { method: string; path: string }): string => `${method} ${path}`;

describe('the published API of the instance registry', () => {
  it('is what its controllers serve: no call more, no call less', () => {
    expect(real.length).toBeGreaterThan(0);
    expect(published.map(nameOf).sort()).toEqual(real.map(nameOf).sort());
  });

  it('names the schemas, statuses and guards that its controllers use', () => {
    const byName = new Map(real.map((route) => [nameOf(route), route]));
    expect(published.flatMap((route) => disagreements(route, found(byName, nameOf(route))))).toEqual([]);
  });
});

function found<T>(routes: ReadonlyMap<string, T>, name: string): T {
  const route = routes.get(name);
  if (route === undefined) throw new Error(`nobody serves ${name}`);
  return route;
}
