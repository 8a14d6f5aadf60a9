export function freePorts(count: number): Promise<number[]>;
export function isPortFree(port: number): Promise<boolean>;
export function runningPid(pidFile: string, mark: string): Promise<number | undefined>;
export function stopServer(options: { pidFile: string; mark: string; timeoutMs: number }): Promise<void>;
export function waitUntilReady(options: {
  name: string;
  pid: number;
  mark: string;
  isReady: () => Promise<boolean>;
  logFile: string;
  timeoutMs: number;
}): Promise<void>;
