/** What every `inspect` does: objects by name, printed as JSON or by a template; the missing ones named at the end. */
import { CaisError, InvalidError, messageOf } from '../lib/errors.ts';
import { ExitError } from './exit-code.ts';
import type { Output } from './output.ts';
import { compileTemplate, type Template } from './template/execute.ts';
import { toJson } from './template/functions.ts';

/**
 * @param find gives the object of a name. @throws what it throws, for the summary at the end.
 * @param format a template, `json`, or nothing for indented JSON.
 */
export async function printInspected(
  names: readonly string[],
  format: string | undefined,
  out: Output,
  find: (name: string) => Promise<unknown>,
): Promise<void> {
  const found: unknown[] = [];
  const complaints: string[] = [];
  for (const name of names) {
    try {
      found.push(await find(name));
    } catch (error) {
      if (!(error instanceof CaisError)) throw error;
      complaints.push(messageOf(error));
    }
  }
  await print(found, format, out);
  if (complaints.length > 0) throw new ExitError(1, complaints.join('\n'));
}

async function print(found: readonly unknown[], format: string | undefined, out: Output): Promise<void> {
  if (format === undefined || format === '') {
    await out.write(`${escapeJson(JSON.stringify(found, undefined, 4))}\n`);
  } else if (format === 'json') {
    await out.write(`${toJson(found)}\n`);
  } else {
    const template = compile(format);
    // A name that isn't there still ends its line, as docker's does.
    if (found.length === 0) await out.write('\n');
    for (const object of found) await out.write(`${await render(template, object, out)}\n`);
  }
}

/** Go escapes these in JSON; a script that compares bytes sees the same. */
function escapeJson(text: string): string {
  return text.replaceAll(/[\u2028\u2029]/g, (c) => `\\u${c.charCodeAt(0).toString(16)}`);
}

function compile(format: string): Template {
  try {
    return compileTemplate(format.replaceAll(String.raw`\t`, '\t').replaceAll(String.raw`\n`, '\n'));
  } catch (error) {
    throw new ExitError(64, `template parsing error: ${messageOf(error)}`);
  }
}

async function render(template: Template, object: unknown, out: Output): Promise<string> {
  try {
    return template(object);
  } catch (error) {
    await out.write('\n');
    throw new InvalidError(`template parsing error: ${messageOf(error)}`, { cause: error });
  }
}
