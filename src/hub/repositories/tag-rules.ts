/**
 * Which tags of a repository never move: regular expressions of users, so only what matches in linear time. RE2's syntax, as
 * Docker Hub takes it; a rule has to match the whole tag. https://github.com/google/re2/wiki/Syntax
 */
import { RE2JS, RE2JSException } from 're2js';
import { InvalidError } from '../../lib/errors.ts';

const maxRules = 20;
const maxLength = 256;
/**
 * Of all rules together, in instructions: repeats of repeats make a short rule a long program, and a tag takes the longest of
 * programs some milliseconds.
 */
const maxProgram = 400;

export class TagRules {
  readonly #patterns: readonly RE2JS[];

  /** @throws InvalidError naming the rule that is none. */
  constructor(rules: readonly string[]) {
    if (rules.length > maxRules) throw new InvalidError(`at most ${maxRules} rules are possible`);
    this.#patterns = rules.map(compile);
    const program = this.#patterns.reduce((sum, pattern) => sum + pattern.programSize(), 0);
    if (program > maxProgram) throw new InvalidError('the rules repeat too much: use fewer or simpler ones');
  }

  /** True when one of the rules has the tag. In time that grows with the tag's length alone, and a tag is short. */
  match(tag: string): boolean {
    return this.#patterns.some((pattern) => pattern.testExact(tag));
  }
}

function compile(rule: string): RE2JS {
  if (rule.length > maxLength) throw new InvalidError(`a rule has at most ${maxLength} characters`);
  try {
    return RE2JS.compile(rule);
  } catch (cause) {
    if (!(cause instanceof RE2JSException)) throw cause;
    throw new InvalidError(`the rule ${JSON.stringify(rule)} is not a regular expression: ${cause.message}`, {
      cause,
    });
  }
}
