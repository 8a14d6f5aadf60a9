import { commaList, readEnvironment } from '@ecolink/runtime';
import { z } from 'zod';

const prepareEnvironment = z.object({
  KAFKA_BROKERS: z.string().min(1),
  DATABASE_URL: z.string().min(1),
  ECOLINK_POD_NETWORKS: commaList,
});

/** `mv=http://gateway-mv:8080,ga=…` → region code → URL. */
const gatewayUrls = commaList.transform((parts, context) => {
  const urls = new Map<string, string>();
  for (const part of parts) {
    const [, region, url] = /^([a-z0-9-]+)=(https?:\/\/\S+)$/.exec(part) ?? [];
    if (region === undefined || url === undefined) {
      context.addIssue({ code: 'custom', message: 'must be region=url pairs' });
      return z.NEVER;
    }
    urls.set(region, url);
  }
  return urls;
});

const demoEnvironment = z.object({
  ECOLINK_INTERNAL_SECRET: z.string().min(16),
  ECOLINK_ADMIN_TOKEN: z.string().min(16),
  ECOLINK_DEMO_PASSWORD: z.string().min(12),
  ECOLINK_AUTH_BILLING_URL: z.url(),
  ECOLINK_REGISTRY_URL: z.url(),
  ECOLINK_ROUTER_URL: z.url(),
  ECOLINK_GATEWAY_URLS: gatewayUrls,
  ECOLINK_PUBLIC_URL: z.url(),
  ECOLINK_ADMIN_URL: z.url(),
  ECOLINK_DATA_DIR: z.string().min(1),
});

export type DemoEnvironment = z.output<typeof demoEnvironment>;

/** What topics and tables need; a missing or wrong value stops the start with its name. */
export function readPrepareEnvironment(variables: NodeJS.ProcessEnv): z.output<typeof prepareEnvironment> {
  return readEnvironment(prepareEnvironment, variables);
}

/** What the demo needs; a missing or wrong value stops the start with its name. */
export function readDemoEnvironment(variables: NodeJS.ProcessEnv): DemoEnvironment {
  return readEnvironment(demoEnvironment, variables);
}
