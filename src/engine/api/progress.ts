/**
 * The stream of JSON lines that pull, push, build and their like answer with. What fails before the first line is a
 * status of its own; after it, the status is spent, and the failure becomes a last line.
 */
import { messageOf } from '../../lib/errors.ts';
import type { ProgressEvent, Report } from '../images/progress-event.ts';
import { linesResponse } from './line-stream.ts';

/**
 * Runs `work` and answers with what it reports. Resolves at the first report, or when `work` ends without one.
 * @param signal the client's: aborted when it goes away.
 * @param isBegun true: answers at once, so that every failure is a last line.
 */
export function progressResponse(
  work: (report: Report, signal: AbortSignal) => Promise<unknown>,
  signal: AbortSignal,
  isBegun = false,
): Promise<Response> {
  return linesResponse(
    (lines, gone) => work((event) => lines.send(wireEvent(event), event.progress !== undefined), gone),
    { signal, isBegun, failure: failureLine },
  );
}

/** What failed once the status was spent. */
function failureLine(error: unknown): object {
  const message = messageOf(error);
  return { errorDetail: { message }, error: message };
}

/** Field order and forms as docker writes them: `progress` is for clients that show text as it comes. */
export function wireEvent({ id, status, progress, stream, aux }: ProgressEvent): object {
  return {
    ...(stream !== undefined && { stream }),
    ...(status !== undefined && { status }),
    ...((id !== undefined || aux !== undefined) && { progressDetail: progress ?? {} }),
    ...(progress && { progress: progressBar(progress) }),
    ...(id !== undefined && { id }),
    ...(aux !== undefined && { aux }),
  };
}

const barWidth = 50;

/** `[=====>     ]  1.2MB/2.4MB` */
function progressBar({ current, total }: { readonly current: number; readonly total: number }): string {
  const done = total > 0 ? Math.min(1, current / total) : 1;
  const filled = Math.floor(done * barWidth);
  const arrow = filled < barWidth ? '>' : '';
  const bar = `${'='.repeat(filled)}${arrow}${' '.repeat(Math.max(0, barWidth - filled - arrow.length))}`;
  return `[${bar}] ${humanSize(current).padStart(8)}/${humanSize(total)}`;
}

const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** Four significant digits, decimal units: docker's. */
function humanSize(bytes: number): string {
  let size = bytes;
  let unit = 0;
  for (; size >= 1000 && unit < units.length - 1; unit++) size /= 1000;
  return `${Number(size.toPrecision(4))}${units[unit]}`;
}
