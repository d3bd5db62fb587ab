/** One object by --format: `json` or a template. */
import { compileTemplate, type TemplateOptions } from './template/execute.ts';
import { toJson } from './template/functions.ts';

/** @returns the text with its newline. @throws InvalidError for a template that doesn't parse or run. */
export function formatObject(value: unknown, format: string, options: TemplateOptions = {}): string {
  if (format === 'json') return `${toJson(value)}\n`;
  const source = format.replaceAll(String.raw`\t`, '\t').replaceAll(String.raw`\n`, '\n');
  return `${compileTemplate(source, options)(value)}\n`;
}
