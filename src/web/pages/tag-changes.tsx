/** What changed in a tag's image: since another tag of the repository, or by one of its layers. */
import { NativeSelect, Stack, Text, Title } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate, useSearchParams } from 'react-router';
import type { FileChange } from '../../hub-api/types.ts';
import { Failure } from '../components/failure.tsx';
import type { Sides } from '../components/file-difference.tsx';
import { FileIcon } from '../components/file-facts.tsx';
import { FilesFailure } from '../components/files-failure.tsx';
import { loadLater } from '../components/load-later.tsx';
import { Pager } from '../components/pager.tsx';
import { ListSkeleton } from '../components/repository-list.tsx';
import { TagFrame, type TagPlace } from '../components/tag-frame.tsx';
import { isFailed, useFileChanges, useTag, useTags } from '../hub/queries.ts';
import { type ChangesView, tagChangesPath } from '../routes.ts';
import { useFormat } from '../text/format.ts';

const FileDifference = loadLater(
  async () => (await import('../components/file-difference.tsx')).FileDifference,
  <ListSkeleton />,
);

const pageSize = 200;
/** Of other tags to compare with. */
const tagChoices = 100;

export function TagChangesPage() {
  const { t } = useTranslation();
  return (
    <TagFrame title={(name) => t('changes.of', { name })}>
      {(place) => (
        <section>
          <Title order={2} size="h4" mb="sm">
            {t('changes.title')}
          </Title>
          <Comparison {...place} />
        </section>
      )}
    </TagFrame>
  );
}

/** The other side of the comparison is in the address, as a layer or as a tag. */
function Comparison({ namespace, name, tag }: TagPlace) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [search] = useSearchParams();
  const layer = /^\d+$/.test(search.get('layer') ?? '') ? Number(search.get('layer')) : undefined;
  const since = layer === undefined ? (search.get('since') ?? undefined) : undefined;
  const others = useTags(namespace, name, { page_size: tagChoices });
  const other = useTag(namespace, name, since ?? tag.name);
  const image = tag.images.find(({ digest }) => digest === search.get('image')) ?? tag.images[0];
  if (!image) return <Text c="dimmed">{t('tag.noLayers')}</Text>;
  const layers = image.layers?.filter(({ digest }) => digest !== null) ?? [];
  const choices = [
    { value: '', label: t('changes.nothing') },
    ...layers.map((_, index) => ({
      value: `layer ${index}`,
      label: t('changes.byLayer', { number: index + 1 }),
    })),
    ...(others.data?.results ?? [])
      .filter((each) => each.name !== tag.name)
      .map((each) => ({ value: `tag ${each.name}`, label: each.name })),
  ];
  const choose = (value: string): void => {
    const [kind, what] = value.split(' ');
    const view: ChangesView =
      kind === 'layer' ? { layer: Number(what) } : { since: kind === 'tag' ? what : undefined };
    void navigate(
      tagChangesPath(namespace, name, tag.name, { image: search.get('image') ?? undefined, ...view }),
    );
  };
  const address = { namespace, name, digest: image.digest };
  const match = other.data?.images.find(
    ({ os, architecture, variant }) =>
      os === image.os && architecture === image.architecture && variant === image.variant,
  );
  const before = since === undefined ? undefined : match && { ...address, digest: match.digest };
  const value = layer === undefined ? (since === undefined ? '' : `tag ${since}`) : `layer ${layer}`;
  return (
    <Stack gap="sm">
      <NativeSelect
        label={t('changes.since')}
        maw={320}
        value={value}
        data={choices}
        onChange={(event) => choose(event.currentTarget.value)}
      />
      {since !== undefined && isFailed(other) && <Failure error={other.error} retry={other.refetch} />}
      {since !== undefined && !before ? (
        other.isPending && <ListSkeleton />
      ) : (
        <Changes
          key={value}
          sides={
            layer === undefined
              ? { after: { image: address }, before: before && { image: before } }
              : { after: { image: address, layers: layer + 1 }, before: { image: address, layers: layer } }
          }
          layer={layer}
        />
      )}
    </Stack>
  );
}

function Changes({ sides, layer }: { readonly sides: Sides; readonly layer: number | undefined }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [page, setPage] = useState(1);
  const [search] = useSearchParams();
  const changes = useFileChanges(sides.after.image, {
    page,
    page_size: pageSize,
    ...(layer === undefined ? sides.before && { since: sides.before.image.digest } : { layer }),
  });
  if (changes.isPending) {
    return (
      <>
        <Text c="dimmed" size="sm" role="status">
          {t('files.reading')}
        </Text>
        <ListSkeleton />
      </>
    );
  }
  if (isFailed(changes)) return <FilesFailure error={changes.error} retry={changes.refetch} />;
  const { count, added, changed, removed, results } = changes.data;
  if (count === 0) return <Text c="dimmed">{t('changes.same')}</Text>;
  return (
    <>
      <Text c="dimmed" size="sm">
        {t('changes.summary', {
          added: format.number(added),
          changed: format.number(changed),
          removed: format.number(removed),
        })}
      </Text>
      <ul className="rows card" aria-label={t('changes.title')}>
        {results.map((change) => (
          <li key={change.path}>
            <ChangeRow change={change} sides={sides} isOpen={search.get('file') === change.path} />
          </li>
        ))}
      </ul>
      <Pager count={count} pageSize={pageSize} page={page} onChange={setPage} />
    </>
  );
}

interface ChangeRowProps {
  readonly change: FileChange;
  readonly sides: Sides;
  readonly isOpen: boolean;
}

function ChangeRow({ change, sides, isOpen }: ChangeRowProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const [search] = useSearchParams();
  const shown = change.after ?? change.before;
  if (!shown) return null;
  const open = new URLSearchParams(search);
  if (isOpen) open.delete('file');
  else open.set('file', change.path);
  const hasText = shown.kind === 'file';
  return (
    <>
      <div className="change-row">
        <span className={`change-kind change-${change.kind}`}>{t(`changes.kinds.${change.kind}`)}</span>
        <FileIcon kind={shown.kind} />
        <span className="file-name mono">
          {hasText ? (
            <Link className="file-link" to={`?${open}`} preventScrollReset>
              <bdi>{change.readable_path}</bdi>
            </Link>
          ) : (
            <bdi>{change.readable_path}</bdi>
          )}
        </span>
        <span className="file-size">
          {change.before && change.after && change.before.size !== change.after.size && (
            <Text span inherit c="dimmed">
              {format.bytes(change.before.size)} →{' '}
            </Text>
          )}
          {format.bytes(shown.size)}
        </span>
      </div>
      {isOpen && hasText && <FileDifference change={change} sides={sides} />}
    </>
  );
}
