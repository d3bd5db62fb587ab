/** The command lines that talk to an engine: cais from source, the stock docker CLI, and Debian's older one. */
import { expect } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testSelf } from '../../../src/hub/testing/test-self.ts';
import { type Finished, run } from '../../../src/lib/subprocess.ts';

export const programs = {
  cais: testSelf,
  docker: ['docker'],
  'docker 20.10': ['/usr/bin/docker'],
} as const;
export type ProgramName = keyof typeof programs;

/** Runs them with a configuration directory of their own. */
export class CommandLines implements Disposable {
  readonly directory = mkdtempSync(join(tmpdir(), 'cais-cli-'));
  readonly env: Record<string, string | undefined>;

  /** @param env beside the directory; DOCKER_HOST, mostly. */
  constructor(env: Record<string, string | undefined> = {}) {
    this.env = { ...process.env, DOCKER_CONFIG: this.directory, ...env };
  }

  run(program: ProgramName, args: readonly string[], input?: string): Promise<Finished> {
    return run([...programs[program], ...args], { env: this.env, ...(input !== undefined && { input }) });
  }

  /** What it prints; fails the test when the command fails. */
  async text(program: ProgramName, args: readonly string[], input?: string): Promise<string> {
    const { exitCode, stdout, stderr } = await this.run(program, args, input);
    if (exitCode !== 0) expect.unreachable(`${program} ${args.join(' ')}: exit ${exitCode}\n${stderr}`);
    return stdout;
  }

  [Symbol.dispose](): void {
    rmSync(this.directory, { recursive: true });
  }
}
