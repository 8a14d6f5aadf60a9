export interface StepOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly outputFile?: string;
}

export function runStep(options: StepOptions): Promise<{ problem?: string }>;
