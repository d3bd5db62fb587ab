/** `cais hub fsck`, also while the hub serves: what is wrong, a line each, and what was repaired of it. */
import type { ServerCommand } from '../cli/context.ts';
import { formatSize } from '../cli/human.ts';
import { fsck } from '../hub/keeping/fsck/fsck.ts';
import type { Problem } from '../hub/keeping/fsck/problem.ts';
import { InvalidError } from '../lib/errors.ts';
import { openQuietly } from './hub-parts.ts';
import { text } from './server-flags.ts';

interface Totals {
  problems: number;
  repaired: number;
  readonly orphans: { blobs: number; bytes: number };
}

export const hubFsck: ServerCommand = async (flags, _input, output) => {
  const isJson = isJsonAsked(text(flags, 'format'));
  const isRepaired = flags['repair'] === true;
  const totals: Totals = { problems: 0, repaired: 0, orphans: { blobs: 0, bytes: 0 } };
  await using parts = await openQuietly(flags);
  const options = {
    isQuick: flags['quick'] === true,
    onOrphan({ size }: { readonly size: number }) {
      totals.orphans.blobs += 1;
      totals.orphans.bytes += size;
    },
  };
  for await (const problem of fsck(parts, options)) {
    totals.problems += 1;
    const { repair } = problem;
    if (repair && isRepaired) {
      await repair.run();
      totals.repaired += 1;
    }
    await output.write(isJson ? jsonLine(problem, isRepaired) : line(problem, isRepaired));
  }
  await output.write(isJson ? `${JSON.stringify(totals)}\n` : summary(totals));
  return totals.problems === 0 ? 0 : 1;
};

function isJsonAsked(format: string | undefined): boolean {
  if (format !== undefined && format !== 'json') throw new InvalidError('--format takes json only');
  return format === 'json';
}

function jsonLine({ kind, message, digest, repositories, repair }: Problem, isRepaired: boolean): string {
  const told = { kind, message, digest, repositories, repair: repair?.what };
  return `${JSON.stringify({ ...told, isRepaired: isRepaired && repair !== undefined })}\n`;
}

function line({ message, repositories, repair }: Problem, isRepaired: boolean): string {
  const holders = repositories.length > 0 ? `, in ${repositories.join(', ')}` : '';
  const how = repair ? `\n  ${isRepaired ? 'repaired' : '--repair'}: ${repair.what}` : '';
  return `${message}${holders}${how}\n`;
}

function summary({ problems, repaired, orphans }: Totals): string {
  const left =
    orphans.blobs === 0
      ? ''
      : `${orphans.blobs} blobs that no repository holds, ${formatSize(orphans.bytes)}: garbage, or pushes under way\n`;
  if (problems === 0) return `${left}Everything is as it was pushed\n`;
  return `${left}Problems: ${problems}, repaired: ${repaired}\n`;
}
