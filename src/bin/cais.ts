/** The composition root: the one program. Hidden children first, then the CLI; servers are loaded only when asked for. */
import type { Input } from '../cli/context.ts';
import { runCli } from '../cli/main.ts';
import { DescriptorOutput, type TerminalFacts } from '../cli/output.ts';
import { isTerminal, terminalColumns } from '../cli/terminal-facts.ts';
import { servers } from './servers.ts';

const first = process.argv[2];

if (first === '@unpack') await (await import('./children.ts')).unpack();
else if (first === '@diff') await (await import('./children.ts')).diff();
else {
  const facts = (descriptor: number) => (): TerminalFacts => ({
    isTerminal: isTerminal(descriptor),
    columns: terminalColumns(descriptor),
  });
  const exitCode = await runCli(process.argv.slice(2), {
    variables: process.env,
    out: new DescriptorOutput(1, facts(1)),
    err: new DescriptorOutput(2, facts(2)),
    input: standardInput(),
    servers,
  });
  // Input may still be open and a connection alive: the command is over all the same.
  process.exit(exitCode);
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
