/**
 * node:fs, loaded by whoever needs it first. A command that says nothing and finds no config.json does without: loading it is
 * a tenth of what `exec` takes.
 */
import type fs from 'node:fs';

export function nodeFs(): typeof fs {
  return process.getBuiltinModule('node:fs');
}
