export interface TestRun {
  readonly postgresDirectory: string;
  readonly env: Readonly<Record<string, string>>;
  readonly mark: string;
}
export function testRun(options?: { folder?: string; pid?: number }): TestRun;
export function endEarlierRuns(options?: { folder?: string }): Promise<number>;
export function endPostgres(directory: string): Promise<void>;
export function endLeftProcesses(run: Pick<TestRun, 'mark' | 'postgresDirectory'>): Promise<string[]>;
