/** Collects warnings, less those that the file says to skip. */
import { InvalidError } from '../../lib/errors.ts';
import { checkComment } from '../directives.ts';
import type { Instruction, Lines } from '../instruction.ts';
import { type CheckOptions, has, mergeCheckOptions, parseCheckOptions } from './check-options.ts';
import { type RuleName, rules } from './rules.ts';

export interface Warning {
  readonly rule: string;
  readonly description: string;
  /** Where to read about it, where there is such a page. */
  readonly url?: string;
  /** What is wrong here, in BuildKit's words. */
  readonly message: string;
  readonly lines: Lines;
}

export class Reporter {
  readonly #options: CheckOptions;
  readonly #found = new Map<string, Warning>();

  constructor(options: CheckOptions) {
    this.#options = options;
  }

  /** `lines`: where other than the whole instruction. A `check=` comment above it counts for it. */
  report(rule: RuleName, instruction: Instruction, message: string, lines = instruction.lines): void {
    this.#add(this.#optionsFor(instruction.comments), rule, message, lines);
  }

  reportLine(rule: RuleName, line: number, message: string): void {
    this.#add(this.#options, rule, message, { first: line, last: line });
  }

  /** In the order of their lines, each once. */
  warnings(): Warning[] {
    return [...this.#found.values()].toSorted((one, other) => one.lines.first - other.lines.first);
  }

  #add(options: CheckOptions, rule: RuleName, message: string, lines: Lines): void {
    const { description, ...more } = rules[rule];
    const counts = 'isExperimental' in more ? has(options.experimental, rule) : !has(options.skip, rule);
    if (!counts) return;
    const url = 'page' in more && `https://docs.docker.com/go/dockerfile/rule/${more.page}/`;
    const warning = { rule, description, ...(url && { url }), message, lines };
    this.#found.set(`${rule} ${lines.first} ${message}`, warning);
  }

  /** As BuildKit, a comment that cannot be read changes nothing. */
  #optionsFor(comments: readonly string[]): CheckOptions {
    const written = comments.map(checkComment).find((comment) => comment !== undefined);
    if (written === undefined) return this.#options;
    try {
      return mergeCheckOptions(this.#options, parseCheckOptions(written));
    } catch (error) {
      if (error instanceof InvalidError) return this.#options;
      throw error;
    }
  }
}
