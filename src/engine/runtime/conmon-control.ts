/** What a running conmon is told through its `ctl` fifo: lines of three numbers (conmon's src/ctrl.c). */
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const windowSize = 1;
const reopen = 2;
/** conmon refuses more. */
const largest = 1000;

/** @param directory where conmon made its fifos. @throws the system's error when it has not (ENOENT), or is gone (ENXIO). */
export function setWindowSize(directory: string, height: number, width: number): void {
  send(directory, [windowSize, Math.min(height, largest), Math.min(width, largest)]);
}

/** It makes a new file at the log's path, in place of whatever is there. @throws as `setWindowSize`. */
export function reopenLog(directory: string): void {
  send(directory, [reopen, 0, 0]);
}

function send(directory: string, numbers: readonly number[]): void {
  const fd = openSync(join(directory, 'ctl'), constants.O_WRONLY | constants.O_NONBLOCK);
  try {
    writeSync(fd, `${numbers.join(' ')}\n`);
  } finally {
    closeSync(fd);
  }
}
