export interface RedisServer {
  readonly pid: number;
  readonly port: number;
  readonly url: string;
  /** The same for clients with TLS and the password, where they were asked for. */
  readonly securedUrl: string | undefined;
  stop(): Promise<void>;
}

/** For a listener with TLS; the password is everybody's. Files in PEM. */
export interface SecuredRedis {
  readonly password: string;
  readonly keyFile: string;
  readonly certificateFile: string;
}

export function startRedis(options: {
  dataDir: string;
  secured?: SecuredRedis;
  log?: (line: string) => void;
}): Promise<RedisServer>;
export function stopRedis(options: { dataDir: string }): Promise<void>;
