/** The CLI on this process's own arguments, environment and streams. */
import type { Input } from '../cli/context.ts';
import { runCli } from '../cli/main.ts';
import { DescriptorOutput, type TerminalFacts } from '../cli/output.ts';
import { isTerminal, terminalColumns } from '../cli/terminal-facts.ts';
import { servers } from './servers.ts';

/** @returns the exit code. */
export function runCommandLine(): Promise<number> {
  const facts = (descriptor: number) => (): TerminalFacts => ({
    isTerminal: isTerminal(descriptor),
    columns: terminalColumns(descriptor),
  });
  return runCli(process.argv.slice(2), {
    variables: process.env,
    out: new DescriptorOutput(1, facts(1)),
    err: new DescriptorOutput(2, facts(2)),
    input: standardInput(),
    servers,
  });
}

function standardInput(): Input {
  let stream: ReadableStream<Uint8Array> | undefined;
  return {
    get isTerminal() {
      return isTerminal(0);
    },
    stream: () => (stream ??= Bun.stdin.stream()),
  };
}
