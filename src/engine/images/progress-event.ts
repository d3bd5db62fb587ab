/** What pull, push, build and their like tell while they work; engine/api/progress.ts puts it on the wire. */

export interface ProgressEvent {
  /** What the line is about: a layer's short digest, a tag. Lines of one id replace each other on a terminal. */
  readonly id?: string;
  readonly status?: string;
  readonly progress?: { readonly current: number; readonly total: number };
  /** Plain output, as of a build step. */
  readonly stream?: string;
  /** A result for programs. */
  readonly aux?: unknown;
}

export type Report = (event: ProgressEvent) => void;

const intervalMilliseconds = 100;

/** Passes progress on at most ten times a second for each id; lines that tell a new status always pass. */
export function throttled(report: Report): Report {
  const last = new Map<string, { status: string | undefined; time: number }>();
  return (event) => {
    const { id, status, progress } = event;
    const known = id === undefined ? undefined : last.get(id);
    const now = performance.now();
    const isRepeated =
      progress && known?.status === status && now - (known?.time ?? 0) < intervalMilliseconds;
    if (isRepeated && progress.current < progress.total) return;
    if (id !== undefined) last.set(id, { status, time: now });
    report(event);
  };
}
