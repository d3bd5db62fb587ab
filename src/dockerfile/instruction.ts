/**
 * What a Dockerfile says, instruction by instruction. Values stand as written (variables not replaced, quotes still on)
 * until expand.ts has replaced them; a field says so where that differs.
 * https://docs.docker.com/reference/dockerfile/
 */

/** Lines of the file, counted from 1, both included. */
export interface Lines {
  readonly first: number;
  readonly last: number;
}

export interface Heredoc {
  readonly name: string;
  /** The lines between; for a file of COPY or ADD without the leading tabs that `<<-` takes off. */
  readonly content: string;
  /** False where the name was quoted: variables stay. */
  readonly expands: boolean;
  /** Written with `<<-`: leading tabs do not count. */
  readonly tabs: boolean;
}

/** The JSON form as a list of words, the other as the text that a shell gets. */
export type Command =
  | { readonly form: 'exec'; readonly words: readonly string[] }
  | { readonly form: 'shell'; readonly text: string };

/** What every instruction has. */
interface Written {
  readonly lines: Lines;
  /** The instruction as one line, continuations joined, comments out; heredocs are not in it. */
  readonly text: string;
  /** The instruction's word as written: `RUN`, `run`. */
  readonly keyword: string;
  /** The comments directly above, without `#`. */
  readonly comments: readonly string[];
  readonly heredocs: readonly Heredoc[];
}

export interface From extends Written {
  readonly kind: 'FROM';
  readonly image: string;
  readonly platform?: string;
  /** The stage's name as written. */
  readonly name?: string;
  /** The word between image and name as written: `AS`, `as`. */
  readonly as?: string;
}

export interface Argument {
  readonly name: string;
  readonly value?: string;
}

export interface Arg extends Written {
  readonly kind: 'ARG';
  readonly arguments: readonly Argument[];
}

export type Pair = readonly [name: string, value: string];

interface Pairs extends Written {
  readonly pairs: readonly Pair[];
  /** Written in the old form, `ENV name value`. */
  readonly legacy: boolean;
}

interface Env extends Pairs {
  readonly kind: 'ENV';
}

interface Label extends Pairs {
  readonly kind: 'LABEL';
}

export interface Run extends Written {
  readonly kind: 'RUN';
  /** With heredocs still by reference; run-command.ts puts them in. */
  readonly command: Command;
  /** The values of `--mount`. */
  readonly mounts: readonly string[];
  readonly network?: 'default' | 'none' | 'host';
  readonly security?: 'sandbox' | 'insecure';
  /** The values of `--device`. */
  readonly devices: readonly string[];
}

interface Files extends Written {
  readonly sources: readonly string[];
  readonly destination: string;
  /** Sources that are heredocs. */
  readonly inline: readonly Heredoc[];
  readonly chown?: string;
  readonly chmod?: string;
  readonly link: boolean;
  readonly excludes: readonly string[];
}

export interface Copy extends Files {
  readonly kind: 'COPY';
  /** A stage, an index of one, or an image; variables are not replaced in it. */
  readonly from?: string;
  readonly parents: boolean;
}

export interface Add extends Files {
  readonly kind: 'ADD';
  readonly checksum?: string;
  readonly keepGitDir: boolean;
  /** Archives are unpacked where they are local and not where they come from a URL, unless this says otherwise. */
  readonly unpack?: boolean;
}

interface Cmd extends Written {
  readonly kind: 'CMD';
  readonly command: Command;
}

interface Entrypoint extends Written {
  readonly kind: 'ENTRYPOINT';
  readonly command: Command;
}

export interface Workdir extends Written {
  readonly kind: 'WORKDIR';
  readonly path: string;
}

interface User extends Written {
  readonly kind: 'USER';
  readonly user: string;
}

export interface Expose extends Written {
  readonly kind: 'EXPOSE';
  readonly ports: readonly string[];
}

interface Volume extends Written {
  readonly kind: 'VOLUME';
  readonly paths: readonly string[];
}

interface Shell extends Written {
  readonly kind: 'SHELL';
  readonly words: readonly string[];
}

interface StopSignal extends Written {
  readonly kind: 'STOPSIGNAL';
  readonly signal: string;
}

/** Durations in nanoseconds; undefined (or 0) means the default. */
export interface Healthcheck extends Written {
  readonly kind: 'HEALTHCHECK';
  readonly none: boolean;
  readonly command?: Command;
  readonly interval?: number;
  readonly timeout?: number;
  readonly startPeriod?: number;
  readonly startInterval?: number;
  readonly retries?: number;
}

export interface OnBuild extends Written {
  readonly kind: 'ONBUILD';
  readonly trigger: Instruction;
  /** What an image's configuration keeps; heredocs with their content. parseTrigger reads it. */
  readonly triggerText: string;
}

interface Maintainer extends Written {
  readonly kind: 'MAINTAINER';
  readonly name: string;
}

export type Instruction =
  | From
  | Arg
  | Env
  | Label
  | Run
  | Copy
  | Add
  | Cmd
  | Entrypoint
  | Workdir
  | User
  | Expose
  | Volume
  | Shell
  | StopSignal
  | Healthcheck
  | OnBuild
  | Maintainer;

export interface Stage {
  readonly from: From;
  /** In lower case; undefined without AS. */
  readonly name?: string;
  readonly instructions: readonly Instruction[];
}

/** The character that escapes another, and continues a line at its end. */
export type Escape = '\\' | '`';

export interface Dockerfile {
  readonly escape: Escape;
  /** The value of `# syntax=`. */
  readonly syntax?: string;
  /** The value of `# check=`. */
  readonly check?: string;
  /** The ARGs before the first FROM. */
  readonly globals: readonly Arg[];
  /** One at least. */
  readonly stages: readonly Stage[];
  /** The last lines of instructions with an empty line inside a continuation. */
  readonly emptyContinuations: readonly number[];
  /** The file's lines, without their ends. */
  readonly source: readonly string[];
}
