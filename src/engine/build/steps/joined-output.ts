/**
 * The output of a step that another build has begun: only that one holds the command back. What the client of this one
 * leaves unread is left out beyond a bound, and a line says so.
 */
import type { OutputStream } from '../../containers/attach/console.ts';
import type { Step } from '../plan/steps.ts';
import type { BuildReport } from '../report/build-report.ts';

/** In characters. */
export const mostUntaken = 8 * 1024 * 1024;

export class JoinedOutput {
  readonly #report: BuildReport;
  #isLeftOut = false;

  constructor(report: BuildReport) {
    this.#report = report;
  }

  /** What was left out goes on where the client has caught up. */
  pass(step: Step, stream: OutputStream, text: string): void {
    if (this.#isLeftOut && this.#report.room) return;
    this.#isLeftOut = this.#report.queued + text.length > mostUntaken;
    const passed = this.#isLeftOut ? '\n[output left out: it was not read]\n' : text;
    this.#report.output(step, stream, passed);
  }
}
