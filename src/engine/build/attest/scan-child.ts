/**
 * The process that looks for packages in the files of an image, and writes them as an SPDX document. The files are
 * hostile: no link is followed, other file systems are not entered, and all that is read is bounded. It ends with the
 * engine, and is killed where it takes too long.
 */
import { readFileSync } from 'node:fs';
import { messageOf } from '../../../lib/errors.ts';
import { spdxDocument } from '../../../packages/spdx.ts';
import { writeFully } from '../../linux/file.ts';
import { dieWithParent } from '../../linux/process.ts';
import { scanRoot } from './scan-root.ts';

const stdin = 0;
const stdout = 1;
const stderr = 2;

export interface ScanTask {
  readonly root: string;
  /** Of the document. */
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly created: number;
  readonly version: string;
}

/** `argv`: `… @packages`, the task on standard input. @returns the exit code. */
export function runScanChild(): number {
  dieWithParent();
  try {
    const { root, name, created, version } = JSON.parse(readFileSync(stdin, 'utf8')) as ScanTask;
    const { found, distribution, remark } = scanRoot(root);
    const facts = { name, created: new Date(created), version, distribution, remark };
    writeFully(stdout, Buffer.from(JSON.stringify(spdxDocument(found, facts))));
    return 0;
  } catch (error) {
    writeFully(stderr, Buffer.from(messageOf(error)));
    return 1;
  }
}
