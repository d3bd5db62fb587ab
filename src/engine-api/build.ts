/**
 * What a build tells while it runs: lines of JSON that `POST /cais/build` answers with. `POST /build` tells the same in
 * the words of docker's classic builder.
 */

/** Lines of a Dockerfile, 1-based, both included. */
export interface BuildLines {
  readonly first: number;
  readonly last: number;
}

/** One line of the Dockerfile as a failure shows it. */
export interface BuildSourceLine {
  readonly line: number;
  readonly text: string;
  /** True for the lines of the step that failed. */
  readonly marked: boolean;
}

/** One thing to do, numbered in the order in which a person is told of it. */
export interface BuildStep {
  readonly id: number;
  /** `[builder 2/5] RUN make` */
  readonly name: string;
  /** The stage's name, its number where it has none; empty for what is of no stage. */
  readonly stage: string;
  readonly lines?: BuildLines;
  /** The instruction as one line. */
  readonly text: string;
}

export type BuildEvent =
  /** The steps known so far; comes again when more are (the triggers of a base). */
  | { readonly type: 'steps'; readonly steps: readonly BuildStep[] }
  /** `at` is RFC 3339 with milliseconds. */
  | { readonly type: 'started'; readonly step: number; readonly at: string }
  | {
      readonly type: 'log';
      readonly step: number;
      readonly stream: 'stdout' | 'stderr';
      readonly text: string;
    }
  /** A base being pulled, a file being downloaded. `current` and `total` are bytes. */
  | {
      readonly type: 'progress';
      readonly step: number;
      readonly id: string;
      readonly status: string;
      readonly current?: number;
      readonly total?: number;
    }
  | {
      readonly type: 'done';
      readonly step: number;
      readonly at: string;
      readonly cached: boolean;
      readonly error?: string;
      readonly canceled?: true;
    }
  | {
      readonly type: 'warning';
      readonly rule?: string;
      readonly message: string;
      readonly url?: string;
      readonly lines?: BuildLines;
    }
  /** The last line of a build that succeeded. */
  | {
      readonly type: 'image';
      readonly id: string;
      readonly names: readonly string[];
      readonly seconds: number;
      /** One for each, `linux/arm64`; the first is `id`. Several have no name in the engine. */
      readonly platforms?: readonly { readonly id: string; readonly platform: string }[];
    }
  /** The last line of a build that failed. */
  | {
      readonly type: 'failed';
      readonly message: string;
      readonly step?: number;
      readonly lines?: BuildLines;
      readonly source?: readonly BuildSourceLine[];
      /** The exit code of the command that failed. */
      readonly code?: number;
      /** The container of the failed step, kept for `--debug`. */
      readonly container?: string;
    };
