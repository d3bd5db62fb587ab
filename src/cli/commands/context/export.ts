/** `cais context export`: meta.json and the TLS files as a tar, as docker's CLI reads it. */
import { writeFileSync } from 'node:fs';
import { errnoOf, InvalidError, messageOf } from '../../../lib/errors.ts';
import { tar, type TarMember } from '../../../oci/layer/tar.ts';
import type { TarType } from '../../../oci/layer/tar-header.ts';
import { between, defineCommand } from '../../command.ts';
import { type Context, formatContext } from '../../context-store.ts';
import { contextLookup } from './docker-endpoint.ts';

export const exportContext = defineCommand({
  usage: '[OPTIONS] CONTEXT [FILE|-]',
  long: 'Export a context to a tar archive FILE or a tar stream on STDOUT.',
  flags: {},
  count: between(1, 2),
  completes: 'none',
  run: async ({ context, args: [name = '', file = `${name}.dockercontext`] }) => {
    const { config, out, err } = context;
    const found = contextLookup(config)(name);
    const archive = Buffer.concat(await Array.fromAsync(tar(members(found))));
    if (file === '-') {
      if (out.isTerminal) {
        throw new InvalidError('cowardly refusing to export to a terminal, specify a file path');
      }
      return await out.write(archive);
    }
    writeNew(file, archive);
    await err.write(`Written file ${JSON.stringify(file)}\n`);
  },
});

/** There may be keys in it: for its owner alone, and never over another file. */
function writeNew(path: string, bytes: Uint8Array): void {
  try {
    writeFileSync(path, bytes, { flag: 'wx', mode: 0o600 });
  } catch (cause) {
    const reason = errnoOf(cause) === 'EEXIST' ? 'file exists' : messageOf(cause);
    throw new InvalidError(`open ${path}: ${reason}`, { cause });
  }
}

function* members(context: Context): Generator<TarMember> {
  yield member('meta.json', 'file', 0o644, Buffer.from(formatContext(context)));
  yield member('tls', 'directory', 0o700);
  if (context.tls.size > 0) yield member('tls/docker', 'directory', 0o700);
  for (const [name, bytes] of context.tls) yield member(`tls/docker/${name}`, 'file', 0o600, bytes);
}

function member(name: string, type: TarType, mode: number, bytes?: Uint8Array): TarMember {
  const header = {
    name: Buffer.from(name),
    type,
    mode,
    uid: 0,
    gid: 0,
    size: bytes?.length ?? 0,
    mtime: { seconds: 0, nanoseconds: 0 },
    linkName: Buffer.alloc(0),
    major: 0,
    minor: 0,
    xattrs: new Map<string, Buffer>(),
  };
  return { header, ...(bytes && { content: [bytes] }) };
}
