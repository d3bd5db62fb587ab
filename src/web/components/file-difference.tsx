/** Line by line what changed in a text file, with some lines around each change. */
import { Skeleton, Text } from '@mantine/core';
import { structuredPatch } from 'diff';
import { useTranslation } from 'react-i18next';
import type { ImageAddress } from '../../hub-api/client.ts';
import type { File, FileChange } from '../../hub-api/types.ts';
import { isFailed, useFileContent } from '../hub/queries.ts';
import { Failure } from './failure.tsx';

/** An image, or its lowest layers only. */
interface Side {
  readonly image: ImageAddress;
  readonly layers?: number;
}

export interface Sides {
  /** Undefined: all is new. */
  readonly before: Side | undefined;
  readonly after: Side;
}

const context = 3;
/** Comparing two texts that have nothing in common takes long; then all of it is shown as changed. */
const timeout = 500;

export function FileDifference({ change, sides }: { readonly change: FileChange; readonly sides: Sides }) {
  const { t } = useTranslation();
  const before = useSide(change.before, sides.before, change.path);
  const after = useSide(change.after, sides.after, change.path);
  const failed = [before.query, after.query].find((query) => isFailed(query));
  if (failed?.error) return <Failure error={failed.error} retry={failed.refetch} />;
  if (before.isPending || after.isPending)
    return <Skeleton height={80} m="md" aria-label={t('common.loading')} />;
  if (before.text === null || after.text === null)
    return (
      <Text c="dimmed" className="row">
        {t('changes.noText')}
      </Text>
    );
  if (before.text === after.text) return <Attributes change={change} />;
  return (
    <Lines
      before={before.text}
      after={after.text}
      label={t('changes.difference', { path: change.readable_path })}
    />
  );
}

/** '' on the side where there is no file, null for what is no text. */
function useSide(file: File | null, side: Side | undefined, path: string) {
  const isThere = file?.kind === 'file' && side !== undefined;
  // The hook needs an address even where it is not to ask.
  const image = side?.image ?? { namespace: '', name: '', digest: '' };
  const layers = side?.layers;
  const query = useFileContent(image, { path, ...(layers !== undefined && { layers }) }, isThere);
  return { query, isPending: isThere && query.isPending, text: isThere ? (query.data?.text ?? null) : '' };
}

function Attributes({ change: { before, after } }: { readonly change: FileChange }) {
  const { t } = useTranslation();
  if (!before || !after) return null;
  const changed = [
    before.kind !== after.kind && t('changes.kind'),
    before.mode !== after.mode && t('changes.mode'),
    (before.uid !== after.uid || before.gid !== after.gid) && t('changes.owner'),
    before.link_target !== after.link_target && t('changes.target'),
  ].filter((what) => what !== false);
  return (
    <Text c="dimmed" className="row">
      {t('changes.onlyAttributes', { what: changed.join(', ') })}
    </Text>
  );
}

interface LinesProps {
  readonly before: string;
  readonly after: string;
  readonly label: string;
}

function Lines({ before, after, label }: LinesProps) {
  const hunks = structuredPatch('', '', before, after, '', '', { context, timeout })?.hunks ?? [
    { oldStart: 1, newStart: 1, lines: [...marked('-', before), ...marked('+', after)] },
  ];
  return (
    <pre className="file-text difference" tabIndex={0} aria-label={label}>
      {hunks.map((hunk) => (
        <div key={`${hunk.oldStart} ${hunk.newStart}`} className="difference-part">
          {numbered(hunk.lines).map(({ key, line }) => (
            <div key={key} className={classOf(line)}>
              {line}
            </div>
          ))}
        </div>
      ))}
    </pre>
  );
}

function numbered(lines: readonly string[]): { key: number; line: string }[] {
  return lines.map((line, key) => ({ key, line }));
}

function marked(mark: string, text: string): string[] {
  return text.split('\n').map((line) => mark + line);
}

function classOf(line: string): string {
  if (line.startsWith('+')) return 'line-added';
  return line.startsWith('-') ? 'line-removed' : '';
}
