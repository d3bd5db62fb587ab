/** `cais context import`: what `context export` wrote, cais's or docker's. Somebody else's file: nothing in it names a path here. */
import { InvalidError, messageOf } from '../../../lib/errors.ts';
import { untar } from '../../../oci/layer/untar.ts';
import { defineCommand, exactly } from '../../command.ts';
import type { CliContext } from '../../context.ts';
import { checkContextName, type Context, ContextStore, parseContext } from '../../context-store.ts';
import { openInput } from '../archive-file.ts';

/** Docker's. */
const maxSize = 10 * 1024 * 1024;

export const importContext = defineCommand({
  usage: 'CONTEXT FILE|-',
  long: 'Import a context from a tar file',
  flags: {},
  count: exactly(2),
  completes: 'none',
  run: async ({ context, args: [name = '', file = ''] }) => {
    checkContextName(name);
    const store = new ContextStore(context.config.directory);
    if (store.has(name)) throw new InvalidError(`context ${JSON.stringify(name)} already exists`);
    const bytes = await readWhole(file === '-' ? context.input.stream() : await openInput(file));
    await store.put({ ...contextIn(bytes), name });
    await writeResult(context, name);
  },
});

async function writeResult({ out, err }: CliContext, name: string): Promise<void> {
  await out.write(`${name}\n`);
  await err.write(`Successfully imported context ${JSON.stringify(name)}\n`);
}

async function readWhole(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    if (size > maxSize) throw new InvalidError(`read exceeds the defined limit`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function contextIn(archive: Uint8Array): Context {
  let metadata: ReturnType<typeof parseContext> | undefined;
  const tls = new Map<string, Uint8Array>();
  try {
    let rest = [archive];
    const source = (): Uint8Array => {
      const [next = new Uint8Array()] = rest;
      rest = [];
      return next;
    };
    for (const entry of untar(source)) {
      const name = entry.name.toString();
      if (entry.type !== 'file') continue;
      const bytes = Buffer.concat([...entry.content()].map((chunk) => Buffer.from(chunk)));
      const pem = /^tls\/docker\/((?:ca|cert|key)\.pem)$/.exec(name)?.[1];
      if (name === 'meta.json') metadata = parseContext(bytes.toString(), name);
      else if (pem !== undefined) tls.set(pem, bytes);
      else throw new InvalidError(`${JSON.stringify(name)}: unexpected context file`);
    }
  } catch (cause) {
    throw new InvalidError(messageOf(cause), { cause });
  }
  if (!metadata) throw new InvalidError('invalid context: no metadata found');
  return { ...metadata, tls };
}
