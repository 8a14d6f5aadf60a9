import type { Database } from '@ecolink/database';
import type { EventBus } from '@ecolink/messaging';

/** What the service is started with. Secrets have no defaults. */
export interface InstanceRegistryConfig {
  readonly host: string;
  /** 0 = any free port. */
  readonly port: number;
  readonly database: Database;
  readonly bus: EventBus;
  readonly internalSecret: string;
  /** Operators' tokens, token → name. */
  readonly adminTokens: ReadonlyMap<string, string>;
  readonly authBillingUrl: string;
  /** CIDRs that external pods may live in; none = no external pods. */
  readonly podNetworks: readonly string[];
  /** Ports of the whole product on this host; this service's own is added. */
  readonly ownPorts: readonly number[];
  /** 32 bytes; seals pod keys, Hugging Face tokens and environments. */
  readonly encryptionKey: Uint8Array;
  /** `test-pod` tells how a connection failed. Off by default: whoever may ask could search the network with it. */
  readonly testPodDetails?: boolean;
  readonly now?: () => Date;
}

/** Injection token of the clock. */
export const CLOCK = Symbol('CLOCK');

/** Injection token: whether `test-pod` tells how a connection failed. */
export const TEST_POD_DETAILS = Symbol('TEST_POD_DETAILS');
export type Clock = () => Date;

/** Source of every event this app appends. */
export const EVENT_SOURCE = 'instance-registry';
export const BUS_GROUP = 'instance-registry';
