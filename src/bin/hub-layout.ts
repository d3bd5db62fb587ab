/** `cais hub export` and `cais hub import`: repositories as OCI image layouts, also while the hub serves. */
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { ServerCommand } from '../cli/context.ts';
import { exportLayout } from '../hub/keeping/layout/export-layout.ts';
import { importLayout, parseInto } from '../hub/keeping/layout/import-layout.ts';
import { openLayout } from '../hub/keeping/layout/open-layout.ts';
import { writeArchive, writeDirectory } from '../hub/keeping/layout/write-layout.ts';
import { InvalidError } from '../lib/errors.ts';
import { openQuietly } from './hub-parts.ts';
import { text } from './server-flags.ts';

export const hubExport: ServerCommand = async (flags) => {
  const output = text(flags, 'output');
  if (output === undefined) throw new InvalidError('where to? Give --output FILE or --output DIRECTORY/');
  const isDirectory = output.endsWith('/') || (await isDirectoryThere(output));
  await using parts = await openQuietly(flags);
  await using _ = await parts.holds.take('export');
  const files = exportLayout(parts, flags.args);
  await (isDirectory ? writeDirectory : writeArchive)(resolve(output), files);
  return 0;
};

export const hubImport: ServerCommand = async (flags, _input, output) => {
  const into = text(flags, 'into');
  const target = into === undefined ? undefined : parseInto(into);
  const layout = await openLayout(resolve(flags.args[0] ?? ''));
  await using parts = await openQuietly(flags);
  for await (const { path, tag, digest } of importLayout(parts, layout, target)) {
    await output.write(tag === undefined ? `${path}@${digest}\n` : `${path}:${tag}: ${digest}\n`);
  }
  return 0;
};

async function isDirectoryThere(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() === true;
}
