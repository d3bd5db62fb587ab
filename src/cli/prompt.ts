/** Questions on the terminal: a line, or a line that isn't shown. */
import type { Input } from './context.ts';
import type { Output } from './output.ts';
import { withoutEcho } from './raw-mode.ts';

/** The next line of the input, without its end; '' at the end of the input. */
export async function readLine(input: Input): Promise<string> {
  const reader = input.stream().getReader();
  let line = Buffer.alloc(0);
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return line.toString();
      line = Buffer.concat([line, value]);
      const end = line.indexOf('\n');
      if (end !== -1) return line.subarray(0, end).toString().replace(/\r$/, '');
    }
  } finally {
    reader.releaseLock();
  }
}

/** The whole input, for --password-stdin. */
export async function readAll(input: Input): Promise<string> {
  return await new Response(input.stream()).text();
}

/** Asks for a line that is typed unseen. */
export async function readSecret(input: Input, out: Output, question: string): Promise<string> {
  // Hidden before it is asked for: whoever types fast isn't seen either.
  using _hidden = withoutEcho();
  await out.write(question);
  const secret = await readLine(input);
  await out.write('\n');
  return secret;
}
