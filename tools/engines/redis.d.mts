export interface RedisServer {
  readonly pid: number;
  readonly port: number;
  readonly url: string;
  stop(): Promise<void>;
}

export function startRedis(options: { dataDir: string; log?: (line: string) => void }): Promise<RedisServer>;
export function stopRedis(options: { dataDir: string }): Promise<void>;
