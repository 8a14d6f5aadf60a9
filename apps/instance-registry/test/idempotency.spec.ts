import { RegistryHarness } from './registry-harness.js';

let registry: RegistryHarness;

beforeAll(async () => {
  registry = await RegistryHarness.start();
}, 60_000);

afterAll(() => registry.close());
