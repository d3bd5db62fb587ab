/** `cais commit --edit`: the message is written in an editor, what is committed listed below it, as git does. */
import { pathOf } from '../../../engine-api/client.ts';
import type { ContainerInspectResponse, FilesystemChange } from '../../../engine-api/types.ts';
import type { CliContext } from '../../context.ts';
import { editText } from '../../editor.ts';
import { ExitError } from '../../exit-code.ts';
import { letterOf } from '../../file-change.ts';
import { printable } from '../../printable.ts';

export interface CommitToDescribe {
  readonly container: string;
  /** The name that the image is to get. */
  readonly target: string | undefined;
  /** What the message begins as. */
  readonly message: string;
}

/** More of them than this are only counted. */
const maxListed = 500;

/** @returns the message. @throws ExitError when it is empty: nothing is to be made. */
export async function editMessage(context: CliContext, commit: CommitToDescribe): Promise<string> {
  const path = `/containers/${pathOf(commit.container)}`;
  const [{ Name: name = '', Config: config }, changes] = await Promise.all([
    context.engine.get<ContainerInspectResponse>(`${path}/json`),
    context.engine.get<FilesystemChange[] | null>(`${path}/changes`),
  ]);
  const about = [
    'Please enter the message for the image. Lines that start',
    "with '#' are left out, and an empty message makes no image.",
    '',
    `Container ${name.replace(/^\//, '')} of ${config?.Image ?? ''}`,
    ...(commit.target === undefined ? [] : [`To be committed as ${commit.target}`]),
    '',
    ...listChanges(changes ?? []),
  ];
  const comments = about.map((line) => `#${line === '' ? '' : ` ${printable(line)}`}\n`).join('');
  const text = await editText(context.config, 'COMMIT_EDITMSG', `${commit.message}\n\n${comments}`);
  const message = cleanMessage(text);
  if (message === '') throw new ExitError(1, 'Aborting commit due to empty commit message.');
  return message;
}

function listChanges(changes: readonly FilesystemChange[]): string[] {
  if (changes.length === 0) return ['No files are changed.'];
  const lines = changes.slice(0, maxListed).map((change) => `  ${letterOf(change)} ${change.Path}`);
  const more = changes.length - lines.length;
  return ['Changed files:', ...lines, ...(more > 0 ? [`  and ${more} more`] : [])];
}

/** As git cleans it up: no comments, no blanks at the ends of lines, no more than one empty line in a row, none around. */
function cleanMessage(text: string): string {
  return text
    .split(/\r?\n/)
    .filter((line) => !line.startsWith('#'))
    .map((line) => line.trimEnd())
    .join('\n')
    .replaceAll(/\n{3,}/g, '\n\n')
    .replaceAll(/^\n+|\n+$/g, '');
}
