/**
 * The process that reads an image's layers and writes its Dockerfile, with the files that this needs, to standard output.
 * A process of its own for the same reason as diff-child.ts. It ends with the engine.
 */
import { readFileSync } from 'node:fs';
import { InvalidError, messageOf } from '../../../lib/errors.ts';
import { writeFully } from '../../linux/file.ts';
import { dieWithParent } from '../../linux/process.ts';
import { OutputBuffer } from '../../snapshots/output-buffer.ts';
import { composeDockerfile } from './compose.ts';
import { writeContext } from './context-writer.ts';
import type { DockerfileRequest } from './request.ts';

const stdin = 0;
const stdout = 1;
const stderr = 2;

/** The exit code for what the request is to blame for. */
export const invalidExit = 2;

/** `argv`: `… @dockerfile LAYER…`, topmost first; the request comes on stdin. @returns the exit code. */
export async function runDockerfileChild(argv: readonly string[] = process.argv): Promise<number> {
  try {
    dieWithParent();
    const request = JSON.parse(readFileSync(stdin, 'utf8')) as DockerfileRequest;
    const layers = argv.slice(argv.indexOf('@dockerfile') + 1).toReversed();
    const { text, parts } = composeDockerfile(request, layers);
    if (request.isText) writeFully(stdout, Buffer.from(text));
    else writeContext(text, parts, new OutputBuffer(stdout));
    return 0;
  } catch (error) {
    writeFully(stderr, Buffer.from(messageOf(error)));
    return error instanceof InvalidError ? invalidExit : 1;
  }
}
