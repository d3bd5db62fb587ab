/**
 * conmon's log format (the kubelet's): `2026-11-23T14:20:56.123456789+00:00 stdout F text\n`. P in place of F: the line
 * goes on, or has no newline yet. https://github.com/kubernetes/design-proposals-archive/blob/main/node/kubelet-cri-logging.md
 */
import { CorruptError } from '../../lib/errors.ts';
import type { OutputStream } from './console.ts';

export interface LogLine {
  readonly stream: OutputStream;
  /** Seconds, for comparing. */
  readonly time: number;
  /** As in the file; `formatTimestamp` makes it docker's. */
  readonly timestamp: string;
  /** True for a piece of a line whose newline is still to come. */
  readonly isPartial: boolean;
  /** With the newline, unless partial. */
  readonly content: Uint8Array;
}

const space = 0x20;
const newline = 0x0a;
const decoder = new TextDecoder();

/** @param line one line of the file with its newline. @throws CorruptError */
export function parseLogLine(line: Uint8Array): LogLine {
  const timeEnd = line.indexOf(space);
  const streamEnd = line.indexOf(space, timeEnd + 1);
  const tagEnd = line.indexOf(space, streamEnd + 1);
  if (timeEnd < 1 || streamEnd === -1 || tagEnd === -1)
    throw new CorruptError('cannot read log: not in its format');
  const timestamp = decoder.decode(line.subarray(0, timeEnd));
  const isPartial = line[streamEnd + 1] === 'P'.charCodeAt(0);
  const content = line.subarray(tagEnd + 1);
  return {
    stream: line[timeEnd + 4] === 'e'.charCodeAt(0) ? 'stderr' : 'stdout',
    // Asked for by --since and --until alone.
    get time() {
      return secondsOf(timestamp);
    },
    timestamp,
    isPartial,
    content: isPartial && content.at(-1) === newline ? content.subarray(0, -1) : content,
  };
}

/** Seconds since 1970 with a fraction: milliseconds by Date, the rest of the digits by hand. */
function secondsOf(timestamp: string): number {
  const fraction = /\.(\d+)/.exec(timestamp)?.[1] ?? '0';
  const whole = Date.parse(timestamp.replace(/\.\d+/, ''));
  return whole / 1000 + Number(`0.${fraction}`);
}

/** RFC 3339 with nanoseconds, in UTC. */
export function formatTimestamp(timestamp: string): string {
  const fraction = (/\.(\d+)/.exec(timestamp)?.[1] ?? '').padEnd(9, '0').slice(0, 9);
  const utc = new Date(Date.parse(timestamp.replace(/\.\d+/, ''))).toISOString();
  return `${utc.slice(0, 19)}.${fraction}Z`;
}
